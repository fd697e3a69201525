package picture

import (
	"bufio"
	"errors"
	"io"
)

// Strip reads r, an image of the given MIME type, without what tells where, when and with what it was
// taken, who by, and what it looked like before it was cut: of a JPEG, PNG or WebP only what decides
// how it is shown is left, pixels byte for byte, and how to turn a JPEG; nothing behind its end. Other
// types are read as they are. It needs 96 KiB whatever r has, and has no errors but r's: what is
// not as its format has it ends the cutting where no decoder would go on, too.
func Strip(r io.Reader, mime string) io.Reader {
	s := &stripper{in: bufio.NewReaderSize(r, segmentSize), buf: make([]byte, 32<<10)}
	switch mime {
	case "image/jpeg":
		s.step = (&jpegStripper{stripper: s}).start
	case "image/png", "image/vnd.mozilla.apng":
		s.step = s.startPNG
	case "image/webp":
		s.step = (&webpStripper{stripper: s}).start
	default:
		return r
	}
	return s
}

// stripper goes through a file in steps. Each of them says what comes next: out, then as
// many bytes of in as are to pass, or to be blank.
type stripper struct {
	in    *bufio.Reader
	buf   []byte
	out   []byte // good until the next step
	pass  int64
	blank int64
	step  func() error
	err   error
}

func (s *stripper) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.err = s.next()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

func (s *stripper) next() error {
	switch {
	case s.pass > 0:
		n, err := s.in.Read(s.buf[:min(s.pass, int64(len(s.buf)))])
		s.out, s.pass = s.buf[:n], s.pass-int64(n)
		return err
	case s.blank > 0:
		n, err := s.in.Discard(int(min(s.blank, int64(len(s.buf)))))
		s.out, s.blank = s.buf[:n], s.blank-int64(n)
		clear(s.out)
		return err
	default:
		return s.step()
	}
}

// rest passes all that is left: the file is not of its format, or ends too early.
func (s *stripper) rest() error {
	n, err := s.in.Read(s.buf)
	s.out, s.step = s.buf[:n], s.rest
	return err
}

// end leaves out all that is left.
func (s *stripper) end() error { return io.EOF }

// giveUp is rest for what err says about the file, and err if it is of the reader.
func (s *stripper) giveUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, ErrUnreadable) {
		return s.rest()
	}
	return err
}
