package vchat

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"expresschat/media"
	"expresschat/server"
	"expresschat/server/problem"
)

// taker is what becomes of a file: it stores it, or says why not. f is what came before it.
type taker func(f form, title string, body io.Reader) (media.File, error)

// readParts reads the parts of a body one after another: files go to take as they come, or
// nowhere if that is nil. After an error, too, the form has the files that were taken.
func readParts(body io.Reader, boundary string, take taker) (form, error) {
	f, left := newForm(nil), maxFields
	whole := server.NewMultipart(body, maxHeads, errTooMuch)
	parts := multipart.NewReader(whole, boundary)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, fmt.Errorf("%w: read parts: %w", problem.ErrBadInput, err)
		}
		if isFile(part) {
			whole.InFile(true)
			if err := f.take(part, take); err != nil {
				return f, err
			}
			whole.InFile(false)
			continue
		}
		name := part.FormName()
		left -= len(name)
		text, err := readText(part, left)
		if err != nil {
			return f, err
		}
		left -= len(text)
		f.add(name, string(text))
	}
	return f, errTooMuch
}

// maxHeads bounds what a body has beside its files, in bytes: fields, and the heads of parts.
const maxHeads = 1 << 20

// isFile tells a file by its name, or, where it has none, by that of its field.
func isFile(part *multipart.Part) bool {
	if part.FileName() != "" {
		return true
	}
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	return strings.EqualFold(fieldName(part.FormName()), "file") && kind != "" && !strings.HasPrefix(kind, "text/")
}

// take stores a part. One without a name and without a byte is what pages send of a field in
// which nobody chose a file.
func (f *form) take(part *multipart.Part, take taker) error {
	if take == nil {
		_, err := io.Copy(io.Discard, part)
		if err != nil {
			err = fmt.Errorf("%w: skip a file: %w", problem.ErrBadInput, err)
		}
		return err
	}
	title, body := part.FileName(), bufio.NewReader(part)
	if _, err := body.Peek(1); title == "" && errors.Is(err, io.EOF) {
		return nil
	}
	file, err := take(*f, title, body)
	if err == nil {
		f.files = append(f.files, file)
	}
	return err
}
