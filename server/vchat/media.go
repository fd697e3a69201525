package vchat

import (
	"context"
	"errors"
	"io"
	"net/http"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/media"
	"expresschat/server/limits"
	"expresschat/server/problem"
)

// Media is what the door asks of package media.
type Media interface {
	Put(ctx context.Context, u media.Upload) (media.File, error)
	Keep(ctx context.Context, names ...string) (map[string]media.File, error)
	Discard(ctx context.Context, owner auth.UserID, names ...string)
	Request() int64
}

// noMedia keeps no files.
type noMedia struct{}

// Put implements Media.
func (noMedia) Put(context.Context, media.Upload) (media.File, error) {
	return media.File{}, media.ErrUnavailable
}

// Keep implements Media.
func (noMedia) Keep(context.Context, ...string) (map[string]media.File, error) { return nil, nil }

// Discard implements Media.
func (noMedia) Discard(context.Context, auth.UserID, ...string) {}

// Request implements Media.
func (noMedia) Request() int64 { return 1 << 20 }

// What is wrong with the number of files, and with their order.
var (
	errFileMissing = &complaint{http.StatusBadRequest, "A message of this type needs a file"}
	errFileUnasked = &complaint{http.StatusBadRequest, "A message of this type has no file"}
	errManyFiles   = &complaint{http.StatusBadRequest, "These are more files than this can have"}
	errThumbnail   = &complaint{http.StatusBadRequest, "The first of a video's two files is its picture"}
)

// intake is what becomes of the files of a request.
type intake struct {
	owner auth.UserID
	// next says as what the next file is stored, or why it is not. f is what has come of the
	// request by then: apps send fields first, but not everybody does.
	next func(f form) (media.Upload, error)
}

// withFiles reads a request, storing its files as they come, and has use carry it out. What
// fails for certain leaves no files behind. Of what is in doubt they stay, because a message
// or an account may refer to them by now; if none does, they are collected in time.
func (d *Door) withFiles(r *http.Request, in intake, use func(f form) error) error {
	f, err := readBody(r, d.storing(r.Context(), in))
	if err != nil {
		d.discard(r.Context(), in.owner, f.files)
		_, _ = io.Copy(io.Discard, r.Body) // who is still sending would not hear the answer
		return err
	}
	if err = use(f); err != nil && isCertain(err) {
		d.discard(r.Context(), in.owner, f.files)
	}
	return err
}

// storing is a taker that stores.
func (d *Door) storing(ctx context.Context, in intake) taker {
	return func(f form, title string, body io.Reader) (media.File, error) {
		u, err := in.next(f)
		if err != nil {
			return media.File{}, err
		}
		u.Owner, u.Title, u.Body = in.owner, title, body
		return d.media.Put(ctx, u)
	}
}

// isCertain tells of the error of something that would refer to files that it came to nothing.
// That the database did not answer, or a chat was held by somebody, may be said of the last of
// several attempts, of which an earlier one is in doubt; and who did not wait does not know.
func isCertain(err error) bool {
	for _, doubt := range []error{chat.ErrUnavailable, chat.ErrHeld, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, doubt) {
			return false
		}
	}
	var own *complaint
	_, known := problem.Of(err)
	return known || errors.As(err, &own)
}

func (d *Door) discard(ctx context.Context, owner auth.UserID, files []media.File) {
	if len(files) == 0 {
		return
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	d.media.Discard(ctx, owner, names...)
}

// pictureOf takes one picture of somebody, or of what is theirs, if check has nothing against
// it.
func (d *Door) pictureOf(owner auth.UserID, check func(f form) error) intake {
	return intake{owner: owner, next: func(f form) (media.Upload, error) {
		if len(f.files) > 0 {
			return media.Upload{}, errManyFiles
		}
		return media.Upload{Place: media.Profile, Type: bus.Image}, check(f)
	}}
}

// ownPicture is pictureOf for somebody who has shown who they are.
func (d *Door) ownPicture(q request, check func(f form) error) intake {
	return d.pictureOf(q.who.User.ID, func(f form) error {
		if err := d.users.Spend(string(q.who.User.ID), limits.File); err != nil {
			return err
		}
		return check(f)
	})
}

// picture is the name of the file that was stored, empty for none.
func (f form) picture() string {
	if len(f.files) == 0 {
		return ""
	}
	return f.files[0].Name
}
