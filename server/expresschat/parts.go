package expresschat

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"expresschat/media"
	"expresschat/server/problem"
)

// Bounds of what a request with files says beside them, in bytes with all names and headers,
// and of one field of that.
const (
	maxTexts = 64 << 10
	maxText  = 256
)

// errTooMuch is of a request that has more than any may have.
var errTooMuch = fmt.Errorf("%w: the request has more than it may have", media.ErrTooLarge)

// parts are those of a request with files, which are read as they come and kept nowhere.
type parts struct {
	body   *bounded
	reader *multipart.Reader
	fields map[string]string // of those before the part that was opened last
}

// readParts begins to read a request of at most so many bytes. The error is
// problem.ErrBadInput or errTooMuch.
func readParts(r *http.Request, most int64) (*parts, error) {
	if r.ContentLength > most {
		return nil, errTooMuch
	}
	p := &parts{body: &bounded{from: r.Body, left: most, texts: maxTexts}, fields: map[string]string{}}
	whole := *r
	whole.Body = io.NopCloser(p.body)
	var err error
	if p.reader, err = whole.MultipartReader(); err != nil {
		return nil, fmt.Errorf("%w: %w", problem.ErrBadInput, err)
	}
	return p, nil
}

// next opens the next part that is a file, of those names, and reads the fields before it. The
// part is good until the next call. The error is problem.ErrBadInput, of a request that ends
// before, or errTooMuch.
func (p *parts) next(names ...string) (*multipart.Part, error) {
	p.body.inFile = false
	for {
		part, err := p.reader.NextRawPart()
		if err != nil {
			return nil, p.fault(err)
		}
		name := part.FormName()
		if slices.Contains(names, name) {
			p.body.inFile = true
			return part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, maxText+1))
		switch {
		case err != nil:
			return nil, p.fault(err)
		case len(text) > maxText:
			return nil, errTooMuch
		}
		p.fields[name] = string(text)
	}
}

// fault is what is wrong with a request that could not be read on.
func (p *parts) fault(err error) error {
	if p.body.over {
		return errTooMuch
	}
	return fmt.Errorf("%w: read parts: %w", problem.ErrBadInput, err)
}

// rest reads what is left, as far as a request may go: who is still sending hears no answer,
// and of a connection that is closed on them not even that.
func (p *parts) rest() {
	p.body.inFile = true
	_, _ = io.Copy(io.Discard, p.body)
}

// bounded is a body of which there may be so much, and of that, outside of files, so much.
type bounded struct {
	from   io.Reader
	left   int64
	texts  int64
	inFile bool
	over   bool // there was more
}

// Read implements io.Reader.
func (b *bounded) Read(to []byte) (int, error) {
	most := b.left
	if !b.inFile {
		most = min(most, b.texts)
	}
	if most <= 0 {
		return b.end()
	}
	n, err := b.from.Read(to[:min(int64(len(to)), most)])
	b.left -= int64(n)
	if !b.inFile {
		b.texts -= int64(n)
	}
	return n, err
}

// end is no error if there is no more.
func (b *bounded) end() (int, error) {
	var more [1]byte
	n, err := b.from.Read(more[:])
	if b.over = b.over || n > 0; b.over {
		return 0, errTooMuch
	}
	return 0, err
}
