package server

import (
	"io"
	"strings"
)

// Multipart is the body of a request with files, as a reader of parts gets it: it may have any
// files, and only so much beside them. One that is cut off between two parts has an error for
// its end, and is not complete.
type Multipart struct {
	body    io.Reader
	left    int
	tooMuch error
	inFile  bool
}

// NewMultipart bounds what a body has beside its files to most bytes: fields, and the heads of
// parts, of which a reader of parts would keep 10 MB. The error of more is tooMuch.
func NewMultipart(body io.Reader, most int, tooMuch error) *Multipart {
	return &Multipart{body: io.MultiReader(body, cutOff()), left: most, tooMuch: tooMuch}
}

// InFile says whether what is read from now on is a file's. It is not at first. What a reader
// of parts has read ahead by then, some 4 KiB, counts as what came before it.
func (m *Multipart) InFile(is bool) { m.inFile = is }

// Read implements io.Reader. It never returns io.EOF: a good body says itself where it ends,
// and behind that nobody reads.
func (m *Multipart) Read(p []byte) (int, error) {
	if m.inFile {
		return m.body.Read(p)
	}
	if m.left == 0 {
		return 0, m.tooMuch
	}
	n, err := m.body.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

// cutOff is what a reader of parts gets behind a body. It takes an end of all for that of
// the parts, wherever it comes; so all that ends a good body is the line that says so, which
// may be without its line break.
func cutOff() io.Reader {
	return io.MultiReader(strings.NewReader("\r\n"), noMore{})
}

type noMore struct{}

func (noMore) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
