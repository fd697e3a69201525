package bucket

import (
	"context"
	"errors"
	"io"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"expresschat/media"
)

// Open implements media.Bucket. Bytes are asked for when they are read, from where they are read
// on: who wants a part pays for a part.
func (b *Bucket) Open(ctx context.Context, key string) (media.Object, error) {
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a, err := b.blobs.Attributes(asking, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return media.Object{}, media.ErrNoFile
	}
	if err != nil {
		return media.Object{}, err
	}
	o := &object{blobs: b.blobs, key: key, size: a.Size}
	o.ctx, o.cancel = context.WithCancel(ctx)
	return media.Object{ReadSeekCloser: o, About: media.About{MIME: a.ContentType, Title: a.Metadata[titleKey]}, Size: a.Size}, nil
}

// object reads one object. Its context ends with it.
type object struct {
	blobs  *blob.Bucket
	key    string
	size   int64
	ctx    context.Context
	cancel func()

	r      *blob.Reader // nil before the first reading, and after a seek
	offset int64
}

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	if o.offset >= o.size {
		return 0, io.EOF
	}
	defer time.AfterFunc(patience, o.cancel).Stop()
	if o.r == nil {
		r, err := o.blobs.NewRangeReader(o.ctx, o.key, o.offset, -1, nil)
		if err != nil {
			return 0, err
		}
		o.r = r
	}
	n, err := o.r.Read(p)
	o.offset += int64(n)
	if errors.Is(err, io.EOF) && o.offset < o.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

var errSeek = errors.New("there is nothing before the beginning")

// Seek implements io.Seeker.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errSeek
	}
	if offset != o.offset {
		o.drop()
		o.offset = offset
	}
	return offset, nil
}

func (o *object) drop() {
	if o.r != nil {
		_ = o.r.Close()
		o.r = nil
	}
}

// Close implements io.Closer.
func (o *object) Close() error {
	o.drop()
	o.cancel()
	return nil
}
