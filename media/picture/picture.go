// Package picture reads the images that people send: how large they are, a small one to show
// in their place, and the file without what tells where it was taken. It takes every image for
// hostile: what its head says is checked against bounds before anything is decoded, and a decoder that
// fails in whatever way is an image that can't be read. It knows nothing of files and people.
package picture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxSide bounds both sides of an image, in pixels.
	MaxSide = 20_000
	// MaxMemory bounds what the pixels of one image take while they are decoded, in bytes: 89
	// million pixels of a photo, 17 of one that is progressive, 33 of a PNG.
	MaxMemory = 128 << 20
)

var (
	// ErrUnreadable is of what is no JPEG, PNG, GIF or WebP, or is broken. AVIF and HEIC, which
	// only their browser can show, are unreadable too: they are files, and no images.
	ErrUnreadable = errors.New("not an image that can be read")
	// ErrTooLarge is of an image beyond MaxSide or MaxMemory.
	ErrTooLarge = errors.New("the image has too many pixels")
)

// Info is what the head of an image tells.
type Info struct {
	Width, Height int    // in pixels, as it is shown: turned as its EXIF says
	Format        string // jpeg, png, gif or webp
}

// head is an image before it is decoded.
type head struct {
	width, height int // as stored
	format        string
	turn          turn
	memory        int64 // that decoding it takes, in bytes; never less than it will be
}

// Measure reads no more of an image than tells how large it is, which is all before its pixels.
// The error is ErrUnreadable or ErrTooLarge, or that of r.
func Measure(r io.Reader) (Info, error) {
	h, err := readHead(bufio.NewReaderSize(r, segmentSize))
	if err != nil {
		return Info{}, err
	}
	i := Info{Width: h.width, Height: h.height, Format: h.format}
	if h.turn.swaps() {
		i.Width, i.Height = i.Height, i.Width
	}
	return i, nil
}

// heads are the formats, by what their files begin with. A question mark is any byte.
var heads = []struct {
	format, magic string
	read          func(*bufio.Reader) (head, error)
}{
	{"jpeg", "\xff\xd8\xff", jpegHead},
	{"png", pngMagic, pngHead},
	{"gif", "GIF8?a", gifHead},
	{"webp", "RIFF????WEBPVP8", webpHead},
}

// readHead needs a buffer of segmentSize.
func readHead(r *bufio.Reader) (head, error) {
	for _, f := range heads {
		start, err := r.Peek(len(f.magic))
		if err != nil && !errors.Is(err, io.EOF) {
			return head{}, err
		}
		if !matches(start, f.magic) {
			continue
		}
		h, err := f.read(r)
		if err != nil {
			return head{}, broken(err)
		}
		h.format = f.format
		return h, h.check()
	}
	return head{}, ErrUnreadable
}

func matches(b []byte, magic string) bool {
	if len(b) < len(magic) {
		return false
	}
	for i := range magic {
		if magic[i] != '?' && b[i] != magic[i] {
			return false
		}
	}
	return true
}

func (h head) check() error {
	switch {
	case h.width <= 0 || h.height <= 0:
		return fmt.Errorf("%w: it has no pixels", ErrUnreadable)
	case h.width > MaxSide || h.height > MaxSide || h.memory > MaxMemory:
		return ErrTooLarge
	}
	return nil
}

// broken is the error of an image that ends too early. Other errors are the reader's own: one that
// broke off says io.ErrUnexpectedEOF, which is nothing about the image.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends too early", ErrUnreadable)
	}
	return err
}

// skip is n bytes further.
func skip(r *bufio.Reader, n int) error {
	_, err := r.Discard(n)
	return err
}
