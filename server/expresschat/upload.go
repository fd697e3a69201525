package expresschat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/media"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

// uploaded is the answer to a file: ID is what a send names.
type uploaded struct {
	Success int    `json:"success"`
	Message string `json:"message"`
	ID      string `json:"id"`
	fileInfo
}

// upload keeps a file for a message that is sent later.
func (d *Door) upload(c echo.Context) error {
	return d.receive(c, func(ctx context.Context, who auth.Identity, p *parts) error {
		f, err := d.takeFile(ctx, who.User.ID, p)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, uploaded{Success: yes, Message: "Your file is here", ID: f.Name, fileInfo: infoOf(f)})
	})
}

// receive finds out who sends files, and has take read them, and answer unless it fails. Who is
// to hear what went wrong has to be heard out first.
func (d *Door) receive(c echo.Context, take func(ctx context.Context, who auth.Identity, p *parts) error) error {
	r := c.Request()
	who, err := d.who(c)
	if err != nil {
		return d.fail(c, err, no)
	}
	if err := d.users.Spend(string(who.User.ID), limits.File); err != nil {
		return d.fail(c, err, faulty)
	}
	p, err := readParts(r)
	if err != nil {
		return d.fail(c, err, faulty)
	}
	if err = take(r.Context(), who, p); err == nil {
		return nil
	}
	p.rest()
	if errors.Is(context.Cause(r.Context()), context.DeadlineExceeded) {
		err = context.DeadlineExceeded // see server.Arriving
	}
	return d.refuseFile(c, err)
}

// refuseFile answers what went wrong with a file, or with what it was for.
func (d *Door) refuseFile(c echo.Context, err error) error {
	if errors.Is(err, groups.ErrNotFound) || errors.Is(err, groups.ErrNotAllowed) {
		return d.fail(c, err, no)
	}
	return d.fail(c, err, faulty)
}

// takeFile stores a file, and before it the poster that stands for it if there is one. What
// fails leaves nothing.
func (d *Door) takeFile(ctx context.Context, owner auth.UserID, p *parts) (media.File, error) {
	part, err := p.next("poster", "file")
	if err != nil {
		return media.File{}, err
	}
	poster := ""
	if part.FormName() == "poster" {
		f, err := d.media.Put(ctx, media.Upload{Owner: owner, Place: media.Messages, Type: bus.Image, Body: part})
		if err != nil {
			return media.File{}, err
		}
		poster = f.Name
		if part, err = p.next("file"); err != nil {
			d.media.Discard(ctx, owner, poster)
			return media.File{}, err
		}
	}
	u := media.Upload{Owner: owner, Place: media.Messages, Title: part.FileName(), Body: part, Poster: poster}
	if err = p.describe(&u); err == nil {
		var f media.File
		if f, err = d.putLast(ctx, u, p); err == nil {
			return f, nil
		}
	}
	if poster != "" {
		d.media.Discard(ctx, owner, poster)
	}
	return media.File{}, err
}

// putLast stores the last file of a request, if that ends as it should.
func (d *Door) putLast(ctx context.Context, u media.Upload, p *parts) (media.File, error) {
	f, err := d.media.Put(ctx, u)
	if err != nil {
		return media.File{}, err
	}
	if err := p.end(); err != nil {
		d.media.Discard(ctx, u.Owner, f.Name)
		return media.File{}, err
	}
	return f, nil
}

// describe adds what the fields say of a file. The error is problem.ErrBadInput.
func (p *parts) describe(u *media.Upload) error {
	switch u.Type = bus.Type(p.fields["type"]); u.Type {
	case "", bus.Image, bus.Voice, bus.Video, bus.File:
	default:
		return problem.ErrBadInput
	}
	width, fits := p.number("width", maxPixels)
	height, fit := p.number("height", maxPixels)
	long, ends := p.number("duration", maxSeconds)
	if !fits || !fit || !ends {
		return problem.ErrBadInput
	}
	u.Width, u.Height = int(width), int(height)
	if long > 0 {
		u.Duration = strconv.FormatFloat(long, 'f', -1, 64)
	}
	return nil
}

// number is 0 of a field that is missing, and false of one that is no number.
func (p *parts) number(name string, most float64) (float64, bool) {
	if p.fields[name] == "" {
		return 0, true
	}
	return quantity(p.fields[name], most)
}

// attached is a draft with the file in it that its sender has uploaded. The error is
// media.ErrNoFile for a file of somebody else's as well as for none.
//
// A socket's handlers run one after another, and the next one starts when this one has
// returned: so the look-up is over, and the message has its place, before what the client
// sent behind it begins. Nobody but this socket waits for that.
func (d *Door) attached(ctx context.Context, c *conn, draft chat.Draft, name string) (chat.Draft, error) {
	if err := c.counted.Spend(limits.Query); err != nil {
		return chat.Draft{}, err
	}
	if !media.IsName(name) {
		return chat.Draft{}, media.ErrNoFile
	}
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	f, err := d.media.Own(ctx, c.user.ID, name)
	if err != nil {
		return chat.Draft{}, fmt.Errorf("look for an upload: %w", err)
	}
	draft.Type, draft.Attachment = f.Type, f.Attachment()
	return draft, nil
}
