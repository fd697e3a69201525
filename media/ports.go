package media

import (
	"context"
	"io"
	"time"

	"expresschat/auth"
)

// Files are the rows of all files. What they refer to is looked up, not counted.
type Files interface {
	// Begin writes down that f is on its way, and keeps it for a while. It returns how many
	// bytes its owner has.
	Begin(ctx context.Context, f File, keep time.Duration) (used int64, err error)
	// Finish says of files of one owner that they are whole. It is ErrQuota if the owner had
	// more than quota bytes then (0: as many as they like), and ErrNoFile if one of them was
	// given up meanwhile; nothing has changed then.
	Finish(ctx context.Context, quota int64, files ...File) error
	// Own returns a whole file of the owner's in place Messages, kept anew, or ErrNoFile.
	Own(ctx context.Context, owner auth.UserID, name string, keep time.Duration) (File, error)
	// Keep keeps those of the names that are whole files in place Messages, and returns them.
	Keep(ctx context.Context, names []string, keep time.Duration) ([]File, error)
	// Release is Doom for those of the owner's files that nothing refers to. It returns them.
	Release(ctx context.Context, owner auth.UserID, names []string) ([]File, error)

	// Condemn marks those that nobody keeps or refers to, and takes the mark from those that
	// somebody does again.
	Condemn(ctx context.Context) error
	// Claim takes up to n files whose mark is older than grace, and that still nobody refers
	// to, in the order of their names, behind after. Nobody can have them from then on.
	Claim(ctx context.Context, grace time.Duration, after string, n int) ([]File, error)
	// Doom is Claim for files that their upload gives up.
	Doom(ctx context.Context, names []string) error
	// Forget removes the row of a file that was claimed or doomed, and is in the bucket no more.
	Forget(ctx context.Context, name string) error
}

// About is what a bucket knows of an object beside its bytes.
type About struct{ MIME, Title string }

// Object is a stored file that somebody reads.
type Object struct {
	io.ReadSeekCloser
	About
	Size int64 // bytes
}

// Bucket is where the bytes are. A key is a place and a name, with a slash between them. Errors
// that are none of those below are the bucket's own.
type Bucket interface {
	// Write stores all that r has, or nothing. Where r fails, the error wraps r's.
	Write(ctx context.Context, key string, a About, r io.Reader) error
	// Open returns ErrNoFile for what is not there. The object is read while ctx lasts.
	Open(ctx context.Context, key string) (Object, error)
	// Remove removes an object, and what a Write left that was cut off. What is not there is
	// no error.
	Remove(ctx context.Context, key string) error
}

// Pictures look at images. Errors are of images that can't be read, or are too large.
type Pictures interface {
	// Measure reads no more than the head of an image.
	Measure(r io.Reader) (width, height int, err error)
	// Thumbnail writes a small image without metadata, and tells its type.
	Thumbnail(r io.ReadSeeker, w io.Writer) (mime string, err error)
	// Strip reads an image of a type without what tells where it was taken, and who by. It has
	// no errors but r's.
	Strip(r io.Reader, mime string) io.Reader
}
