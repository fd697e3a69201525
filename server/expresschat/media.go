package expresschat

import (
	"context"

	"expresschat/auth"
	"expresschat/media"
)

// Media is what the door needs of files, see media.Service.
type Media interface {
	Put(ctx context.Context, u media.Upload) (media.File, error)
	Own(ctx context.Context, owner auth.UserID, name string) (media.File, error)
	Discard(ctx context.Context, owner auth.UserID, names ...string)
}

// noMedia keeps no files.
type noMedia struct{}

// Put implements Media.
func (noMedia) Put(context.Context, media.Upload) (media.File, error) {
	return media.File{}, media.ErrUnavailable
}

// Own implements Media.
func (noMedia) Own(context.Context, auth.UserID, string) (media.File, error) {
	return media.File{}, media.ErrNoFile
}

// Discard implements Media.
func (noMedia) Discard(context.Context, auth.UserID, ...string) {}
