package expresschat

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"expresschat/server/problem"
)

// Bounds of what a request with files says beside them, in bytes with all names and headers,
// and of one field of that.
const (
	maxTexts = 64 << 10
	maxText  = 256
)

// parts are those of a request with files, which are read as they come and kept nowhere.
type parts struct {
	body   *talk
	reader *multipart.Reader
	fields map[string]string // of those before the part that was opened last
}

// readParts begins to read a request whose size has been bounded already. The error is
// problem.ErrBadInput.
func readParts(r *http.Request) (*parts, error) {
	p := &parts{body: &talk{from: r.Body, left: maxTexts}, fields: map[string]string{}}
	spoken := *r
	spoken.Body = io.NopCloser(p.body)
	var err error
	if p.reader, err = spoken.MultipartReader(); err != nil {
		return nil, fmt.Errorf("%w: %w", problem.ErrBadInput, err)
	}
	return p, nil
}

// next opens the next part that is a file, of those names, and reads the fields before it. The
// part is good until the next call. The error is problem.ErrBadInput, of a request that ends
// before, or echo's of one that is too large.
func (p *parts) next(names ...string) (*multipart.Part, error) {
	p.body.inFile = false
	for {
		part, err := p.reader.NextRawPart()
		if err != nil {
			return nil, broken(err)
		}
		name := part.FormName()
		if slices.Contains(names, name) {
			p.body.inFile = true
			return part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, maxText+1))
		switch {
		case err != nil:
			return nil, broken(err)
		case len(text) > maxText:
			return nil, echo.ErrStatusRequestEntityTooLarge
		}
		p.fields[name] = string(text)
	}
}

func broken(err error) error { return fmt.Errorf("%w: read parts: %w", problem.ErrBadInput, err) }

// rest reads what is left: who is still sending hears no answer,
// and of a connection that is closed on them not even that.
func (p *parts) rest() {
	p.body.inFile = true
	_, _ = io.Copy(io.Discard, p.body)
}

// talk is a body that may have any files, and only so much beside them.
type talk struct {
	from   io.Reader
	left   int
	inFile bool
}

// Read implements io.Reader. The error is echo's own of a body that is too large.
func (t *talk) Read(to []byte) (int, error) {
	if t.inFile {
		return t.from.Read(to)
	}
	if t.left == 0 {
		return 0, echo.ErrStatusRequestEntityTooLarge
	}
	n, err := t.from.Read(to[:min(len(to), t.left)])
	t.left -= n
	return n, err
}
