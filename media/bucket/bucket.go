// Package bucket is media.Bucket on gocloud.dev/blob: a folder, or a bucket of S3 or what speaks
// its protocol. It knows nothing of rows.
package bucket

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"

	"expresschat/media"
)

// patience bounds how long a bucket may let one reading, one writing or one question wait. An
// upload that goes on may take longer.
const patience = time.Minute

// folder is the mode of folders: nobody else's to look into.
const folder = 0o700

// titleKey is the name of a title among an object's metadata.
const titleKey = "title"

// Bucket implements media.Bucket. It is safe for concurrent use.
type Bucket struct {
	blobs   *blob.Bucket
	options func() blob.WriterOptions
	// sync makes what was written last, before it gets its name.
	sync func(as func(any) bool) func() error
	// scraps removes what a Write left that was cut off.
	scraps func(ctx context.Context, key string) error
}

// Open opens the bucket that an address names: s3://bucket?region=..., with the parameters of
// gocloud.dev/blob/s3blob, file:///folder, mem://, which forgets, or, if it is empty, dir, which
// is made. Nothing is asked over a network. The error never shows the address, which may have
// secrets.
func Open(ctx context.Context, address, dir string) (*Bucket, error) {
	if address == "" {
		return openFolder(dir)
	}
	u, err := url.Parse(address)
	if err == nil {
		_, err = url.ParseQuery(u.RawQuery)
	}
	switch {
	case err != nil || u.User != nil:
		return nil, errors.New("that is no address of a bucket")
	case u.Scheme == "file" && u.Host == "" && u.Path != "" && u.RawQuery == "":
		return openFolder(filepath.FromSlash(u.Path))
	case u.Scheme == "mem":
		return &Bucket{blobs: memblob.OpenBucket(nil)}, nil
	case u.Scheme == "s3" && u.Host != "":
		return openS3(ctx, u)
	}
	return nil, errors.New("there are no such buckets")
}

// openFolder keeps files that are being written beside those that are: on one file system they
// get their names at once, and whole.
func openFolder(dir string) (*Bucket, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	blobs, err := fileblob.OpenBucket(dir, &fileblob.Options{CreateDir: true, DirFileMode: folder, NoTempDir: true})
	if err != nil {
		return nil, err
	}
	return &Bucket{blobs: blobs, sync: syncFile, scraps: func(_ context.Context, key string) error {
		return removeScraps(dir, key)
	}}, nil
}

// syncFile has a file on the disk before a message that names it can be: the database's promise
// is the file's too.
func syncFile(as func(any) bool) func() error {
	var f *os.File
	if !as(&f) {
		return nil
	}
	return f.Sync
}

// removeScraps removes what a writer of fileblob leaves that is killed.
func removeScraps(dir, key string) error {
	path := filepath.Join(dir, filepath.FromSlash(key))
	if _, err := os.Stat(dir); err != nil {
		return err // nothing is known of what is in it
	}
	scraps, err := filepath.Glob(path + ".*")
	if err != nil {
		return err
	}
	for _, scrap := range scraps {
		if err := os.Remove(scrap); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// Close ends what the bucket has open.
func (b *Bucket) Close() error { return b.blobs.Close() }

// Write implements media.Bucket.
func (b *Bucket) Write(ctx context.Context, key string, a media.About, r io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var settle func() error
	w, err := b.writer(ctx, key, a, &settle)
	if err != nil {
		return err
	}
	_, err = io.Copy(&impatient{w, cancel}, r)
	if err == nil && settle != nil {
		err = settle()
	}
	if err != nil {
		cancel() // before it is closed: so nothing gets its name
		_ = w.Close()
		return err
	}
	defer time.AfterFunc(patience, cancel).Stop()
	return w.Close()
}

func (b *Bucket) writer(ctx context.Context, key string, a media.About, settle *func() error) (*blob.Writer, error) {
	var o blob.WriterOptions
	if b.options != nil {
		o = b.options()
	}
	o.ContentType, o.Metadata = a.MIME, map[string]string{titleKey: a.Title}
	if b.sync != nil {
		o.BeforeWrite = func(as func(any) bool) error {
			*settle = b.sync(as)
			return nil
		}
	}
	return b.blobs.NewWriter(ctx, key, &o)
}

// impatient gives up where one piece takes too long. It has no ReadFrom, which would take a
// megabyte of memory.
type impatient struct {
	w      io.Writer
	cancel func()
}

func (i *impatient) Write(p []byte) (int, error) {
	defer time.AfterFunc(patience, i.cancel).Stop()
	return i.w.Write(p)
}

// Remove implements media.Bucket.
func (b *Bucket) Remove(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := b.blobs.Delete(ctx, key)
	if gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	if b.scraps == nil {
		return nil
	}
	return b.scraps(ctx, key)
}
