package expresschat

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/groups"
	"expresschat/media"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

// pictureSet is the answer to a change of a picture: where it is read, empty for none.
type pictureSet struct {
	Success int    `json:"success"`
	Message string `json:"message"`
	Picture string `json:"Picture"`
}

// subject is what a picture is of.
type subject struct {
	// may tells whether somebody may change it, before a file is taken in; set asks again.
	may func(ctx context.Context, by auth.Actor) error
	// set makes a file its picture, none where name is empty.
	set func(ctx context.Context, by auth.Actor, name string) error
}

// oneself is the account that asks.
func (d *Door) oneself(echo.Context) subject {
	return subject{
		may: func(context.Context, auth.Actor) error { return nil },
		set: func(ctx context.Context, by auth.Actor, name string) error {
			_, err := d.auth.SetPicture(ctx, by.User, name)
			return err
		},
	}
}

// theGroup is the one that the path names.
func (d *Door) theGroup(c echo.Context) subject {
	group, err := bus.ParseRoomID(c.Param("id"))
	return subject{
		may: func(ctx context.Context, by auth.Actor) error {
			if err != nil {
				return groups.ErrNotFound
			}
			return d.groups.MayManage(ctx, by, group)
		},
		set: func(ctx context.Context, by auth.Actor, name string) error {
			return d.groups.SetPicture(ctx, by, group, name)
		},
	}
}

func (d *Door) setPicture(of func(echo.Context) subject) echo.HandlerFunc {
	return func(c echo.Context) error {
		return d.receive(c, func(ctx context.Context, who auth.Identity, p *parts) error {
			name, err := d.takePicture(ctx, of(c), auth.Actor{User: who.User.ID}, p)
			if err != nil {
				return err
			}
			return c.JSON(http.StatusOK, pictureSet{yes, "The picture is changed", pictureURL(name)})
		})
	}
}

// takePicture stores a picture and returns its name. What can't be one leaves nothing.
func (d *Door) takePicture(ctx context.Context, of subject, by auth.Actor, p *parts) (string, error) {
	if err := of.may(ctx, by); err != nil {
		return "", err
	}
	part, err := p.next("file")
	if err != nil {
		return "", err
	}
	f, err := d.putLast(ctx, media.Upload{
		Owner: by.User, Place: media.Profile, Type: bus.Image, Title: part.FileName(), Body: part,
	}, p)
	if err != nil {
		return "", err
	}
	if err := of.set(ctx, by, f.Name); err != nil {
		if p, known := problem.Of(err); known && p.Status < http.StatusInternalServerError {
			d.media.Discard(ctx, by.User, f.Name) // else it is in doubt, and may be the picture
		}
		return "", err
	}
	return f.Name, nil
}

func (d *Door) dropPicture(of func(echo.Context) subject) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, err := d.who(c)
		if err != nil {
			return d.fail(c, err, no)
		}
		if err := d.users.Spend(string(who.User.ID), limits.Making); err != nil {
			return d.fail(c, err, faulty)
		}
		ctx, by, subject := c.Request().Context(), auth.Actor{User: who.User.ID}, of(c)
		if err = subject.may(ctx, by); err == nil {
			err = subject.set(ctx, by, "")
		}
		if err != nil {
			return d.refuseFile(c, err)
		}
		return c.JSON(http.StatusOK, pictureSet{yes, "The picture is gone", ""})
	}
}
