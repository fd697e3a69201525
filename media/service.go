package media

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"expresschat/auth"
)

const (
	// keep is how long a file stays that nobody refers to. See Collect.
	keep = 24 * time.Hour
	// maxUpload is far less, so that no file goes that is still arriving.
	maxUpload = 6 * time.Hour
	// undoTimeout bounds how long who failed waits for what is removed.
	undoTimeout = 15 * time.Second
)

// Config is what a service is made of.
type Config struct {
	Files    Files
	Bucket   Bucket
	Pictures Pictures
	Limits   Limits
	Quota    int64 // bytes that one owner may have; 0 for as many as they like
	Log      *slog.Logger
}

// Service keeps files. It is safe for concurrent use.
type Service struct {
	Config

	uploads underWay
	drawing chan struct{} // has room for one: a picture may take tens of megabytes
}

// New makes a service.
func New(c Config) *Service {
	return &Service{Config: c, uploads: underWay{of: map[auth.UserID]int{}}, drawing: make(chan struct{}, 1)}
}

// overhead is what a request has beside its files.
const overhead = 1 << 20

// Request is how many bytes a request with files may have in all: two files and 1 MiB.
func (s *Service) Request() int64 { return 2*s.Limits.most() + overhead }

// Own returns a file of the owner's in place Messages that they are about to send, and keeps
// it for a day. The error is ErrNoFile.
func (s *Service) Own(ctx context.Context, owner auth.UserID, name string) (File, error) {
	if !IsName(name) {
		return File{}, ErrNoFile
	}
	return s.Files.Own(ctx, owner, name, keep)
}

// Keep returns those of these names that are files in place Messages, whoever's, and keeps them
// for a day: for what names files of others, replies say.
func (s *Service) Keep(ctx context.Context, names ...string) (map[string]File, error) {
	asked, kept := make([]string, 0, len(names)), map[string]File{}
	for _, name := range names {
		if IsName(name) {
			asked = append(asked, name)
		}
	}
	if len(asked) == 0 {
		return kept, nil
	}
	found, err := s.Files.Keep(ctx, asked, keep)
	for _, f := range found {
		kept[f.Name] = f
	}
	return kept, err
}

// Discard says that what brought these files of the owner's, and alone was told their names, has
// failed for certain. What nothing refers to counts no more towards the quota from then on, and goes
// at once; what can't be removed is collected. It does so, within 15 s, whether ctx has ended or
// not: what fails is often a request that is over.
//
// Nobody can name such a file later: who tries again sends it again, under another name, and whom
// a name was told may own it for a day, whatever fails. An attempt to store the failed send that
// was lost, and that Postgres begins behind the one that was refused, is refused too, unless
// its sender was let in within these seconds; the message shows a file that is gone then. That is why
// what is in doubt is never discarded. What is stored is seen by the statement that takes a file
// (TestDiscard).
func (s *Service) Discard(ctx context.Context, owner auth.UserID, names ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	for len(names) > 0 {
		released, err := s.Files.Release(ctx, owner, names)
		names = nil
		for _, f := range released {
			err = errors.Join(err, s.remove(ctx, key(f.Place, f.Name), f.Name))
			names = append(names, f.Thumb, f.Poster) // which nothing refers to any more, perhaps
		}
		if err != nil {
			s.Log.Warn("files not discarded", "error", err)
		}
	}
}

// Open returns a file to be served while ctx lasts. It asks the bucket only. The error is
// ErrNoFile, or ErrUnavailable.
func (s *Service) Open(ctx context.Context, p Place, name string) (Object, error) {
	if !IsName(name) || p != Messages && p != Profile {
		return Object{}, ErrNoFile
	}
	o, err := s.Bucket.Open(ctx, key(p, name))
	if err != nil && !errors.Is(err, ErrNoFile) {
		err = unavailable(err)
	}
	return o, err
}

func key(p Place, name string) string { return string(p) + "/" + name }
