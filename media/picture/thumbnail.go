package picture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

const (
	// ThumbnailSide is the most that either side of a thumbnail has, in pixels.
	ThumbnailSide = 480
	quality       = 80
	// maxScans bounds how often a progressive JPEG may go over its pixels. Encoders do so about ten
	// times; each time costs a few bytes to say and a look at every pixel.
	maxScans = 100
)

// Thumbnail writes a small image of r, which it reads from its start: upright, of an animation the
// first frame, as JPEG or, where something can be seen through it, PNG. It is made from pixels, and
// so has nothing else of r. What it takes of memory is about MaxMemory; a lossless WebP may bring
// tables of as much. The error is ErrUnreadable or ErrTooLarge, or that of r or w.
func Thumbnail(r io.ReadSeeker, w io.Writer) (mime string, err error) {
	in := &source{r: r}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h, err := readHead(bufio.NewReaderSize(in, segmentSize))
	if err != nil {
		return "", err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	m, at, err := decode(in, h.format)
	if err != nil {
		return "", err
	}
	small := fit(m, at, image.Pt(h.width, h.height), ThumbnailSide).turned(h.turn)
	return encode(small.RGBA, w)
}

// decode answers whatever a decoder does, panics too. An error of the file's is never taken for one
// of its image.
func decode(in *source, format string) (m image.RGBA64Image, at image.Point, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder gave up: %v", p)
		}
		if err != nil {
			err = in.blame(err)
		}
	}()
	var any image.Image
	switch format {
	case "jpeg":
		in.scans = new(int)
		any, err = jpeg.Decode(in)
	case "png":
		any, err = png.Decode(bufio.NewReader(in))
	case "gif":
		any, err = gif.Decode(bufio.NewReader(in)) // the first frame, and no further
	case "webp":
		any, at, err = decodeWebP(in)
	}
	if err != nil {
		return nil, at, err
	}
	m, ok := any.(image.RGBA64Image)
	if !ok {
		return nil, at, fmt.Errorf("no way to read %T", any)
	}
	return m, at, nil
}

func encode(m *image.RGBA, w io.Writer) (mime string, err error) {
	var b bytes.Buffer
	if m.Opaque() {
		mime, err = "image/jpeg", jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	} else {
		mime, err = "image/png", png.Encode(&b, m)
	}
	if err != nil {
		return "", fmt.Errorf("encode a thumbnail: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return mime, err
}

// source is the file of an image while it is decoded.
type source struct {
	r     io.ReadSeeker
	err   error // of r
	scans *int  // of a JPEG; nil does not count
	last  byte
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	if s.scans != nil && s.count(p[:n]) > maxScans {
		return 0, fmt.Errorf("more than %d scans", maxScans)
	}
	return n, err
}

// count takes every marker of a scan, and what looks like one within a profile: far fewer.
func (s *source) count(p []byte) int {
	for _, b := range p {
		if s.last == 0xff && b == markerSOS {
			*s.scans++
		}
		s.last = b
	}
	return *s.scans
}

func (s *source) Seek(offset int64, whence int) (int64, error) {
	n, err := s.r.Seek(offset, whence)
	if err != nil {
		s.err = err
	}
	return n, err
}

// blame is the error of r, if it had one, and else says that the image is unreadable.
func (s *source) blame(err error) error {
	switch {
	case s.err != nil:
		return s.err
	case errors.Is(err, ErrUnreadable):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
}
