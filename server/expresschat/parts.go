package expresschat

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"expresschat/server"
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
	body   *server.Multipart
	reader *multipart.Reader
	fields map[string]string // of those before the part that was opened last
}

// readParts begins to read a request whose size has been bounded already. The error is
// problem.ErrBadInput.
func readParts(r *http.Request) (*parts, error) {
	p := &parts{body: server.NewMultipart(r.Body, maxTexts, echo.ErrStatusRequestEntityTooLarge), fields: map[string]string{}}
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
	p.body.InFile(false)
	for {
		part, err := p.reader.NextRawPart()
		if err != nil {
			return nil, broken(err)
		}
		name := part.FormName()
		if slices.Contains(names, name) {
			p.body.InFile(true)
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

// end skips what is behind the last file, which means nothing; but a request that is cut off
// there is none. Errors are those of next.
func (p *parts) end() error {
	for {
		p.body.InFile(false)
		part, err := p.reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		p.body.InFile(true)
		if _, err := io.Copy(io.Discard, part); err != nil {
			return broken(err)
		}
	}
}

func broken(err error) error { return fmt.Errorf("%w: read parts: %w", problem.ErrBadInput, err) }

// rest reads what is left: who is still sending hears no answer,
// and of a connection that is closed on them not even that.
func (p *parts) rest() {
	p.body.InFile(true)
	_, _ = io.Copy(io.Discard, p.body)
}
