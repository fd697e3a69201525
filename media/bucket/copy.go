package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"gocloud.dev/blob"

	"expresschat/media"
)

// Copied counts what a copy found.
type Copied struct {
	Files int   // that were copied
	Bytes int64 // of these
	There int   // files that were there already
}

// CopyTo copies all files to another bucket, with what is said of each. A file never changes: one
// that is there in its size is passed by, so that a copy that broke off is gone on with, and one of
// a bucket in use is brought up to date. Nothing is removed there. What was copied before an error
// stays, and is counted.
func (b *Bucket) CopyTo(ctx context.Context, to *Bucket) (Copied, error) {
	var done Copied
	for _, place := range []media.Place{media.Messages, media.Profile} {
		there, err := to.sizes(ctx, place)
		if err != nil {
			return done, fmt.Errorf("list the files that are there: %w", err)
		}
		err = b.each(ctx, place, func(key string, size int64) error {
			if have, ok := there[key]; ok && have == size {
				done.There++
				return nil
			}
			return b.copyOne(ctx, to, key, &done)
		})
		if err != nil {
			return done, fmt.Errorf("copy files: %w", err)
		}
	}
	return done, nil
}

func (b *Bucket) copyOne(ctx context.Context, to *Bucket, key string, done *Copied) error {
	o, err := b.Open(ctx, key)
	if errors.Is(err, media.ErrNoFile) {
		return nil // it was collected meanwhile
	}
	if err != nil {
		return err
	}
	defer o.Close()
	if err := to.Write(ctx, key, o.About, o); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	done.Files++
	done.Bytes += o.Size
	return nil
}

// sizes are those of all files of a place, in bytes, by their keys: some 100 bytes of memory each.
func (b *Bucket) sizes(ctx context.Context, p media.Place) (map[string]int64, error) {
	all := map[string]int64{}
	err := b.each(ctx, p, func(key string, size int64) error {
		all[key] = size
		return nil
	})
	return all, err
}

// each tells what files of a place there are. A folder has beside them those that are being
// written, which have a second dot in their names.
func (b *Bucket) each(ctx context.Context, p media.Place, do func(key string, size int64) error) error {
	list := b.blobs.List(&blob.ListOptions{Prefix: string(p) + "/"})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.Count(o.Key, ".") != 1 {
			continue
		}
		if err := do(o.Key, o.Size); err != nil {
			return err
		}
	}
}
