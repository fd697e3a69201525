package vchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"expresschat/server/problem"
)

// Bounds of a request's text, files apart: in bytes, names included, and of a multipart body
// the parts, of which a list may have one for each item.
const (
	maxFields = 64 << 10
	maxParts  = 2 * maxPeers
)

// form is the fields of a request, whether they came as JSON, as a form or in parts. All
// values are text; a list has several.
type form struct {
	values map[string][]string
	files  bool // there was at least one, which is not kept
}

// readForm reads a body. The error is problem.ErrBadInput or errTooMuch, of a body that
// breaks off the reader's as well.
func readForm(r *http.Request) (form, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return readParts(multipart.NewReader(r.Body, params["boundary"]))
	}
	body, err := readText(r.Body, maxFields)
	if err != nil {
		return form{}, err
	}
	if kind == "application/x-www-form-urlencoded" {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return form{}, problem.ErrBadInput
		}
		return newForm(values), nil
	}
	return readJSON(body)
}

func readText(r io.Reader, limit int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, max(0, int64(limit)+1)))
	if err != nil {
		return nil, fmt.Errorf("%w: read body: %w", problem.ErrBadInput, err)
	}
	if len(body) > limit {
		return nil, errTooMuch
	}
	return body, nil
}

// newForm takes over values, whose names may end in [] where they are lists.
func newForm(values map[string][]string) form {
	f := form{values: map[string][]string{}}
	for name, v := range values {
		name = strings.TrimSuffix(name, "[]")
		f.values[name] = append(f.values[name], v...)
	}
	return f
}

func readParts(parts *multipart.Reader) (form, error) {
	values, left, files := map[string][]string{}, maxFields, false
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			f := newForm(values)
			f.files = files
			return f, nil
		}
		if err != nil {
			return form{}, fmt.Errorf("%w: read parts: %w", problem.ErrBadInput, err)
		}
		if part.FileName() != "" {
			files = true
			continue // the next one skips it
		}
		name := part.FormName()
		left -= len(name)
		text, err := readText(part, left)
		if err != nil {
			return form{}, err
		}
		left -= len(text)
		values[name] = append(values[name], string(text))
	}
	return form{}, errTooMuch
}

// readJSON takes numbers and objects as the text that they are written in.
func readJSON(body []byte) (form, error) {
	f := form{values: map[string][]string{}}
	if len(bytes.TrimSpace(body)) == 0 {
		return f, nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return form{}, problem.ErrBadInput
	}
	for name, raw := range object {
		f.values[name] = texts(raw)
	}
	return f, nil
}

func texts(raw json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return text(raw)
	}
	var all []string
	for _, item := range list {
		all = append(all, text(item)...)
	}
	return all
}

// text is nothing of null.
func text(raw json.RawMessage) []string {
	var s *string
	if json.Unmarshal(raw, &s) != nil {
		return []string{string(raw)}
	}
	if s == nil {
		return nil
	}
	return []string{*s}
}

// get returns the first field of these names that is not empty.
func (f form) get(names ...string) string {
	for _, name := range names {
		for _, v := range f.values[name] {
			if v != "" {
				return v
			}
		}
	}
	return ""
}

// list returns a field that may be a list, the JSON text of one, or several fields.
func (f form) list(name string) []string {
	values := f.values[name]
	if len(values) == 1 && strings.HasPrefix(strings.TrimSpace(values[0]), "[") {
		var raw json.RawMessage
		if json.Unmarshal([]byte(values[0]), &raw) == nil {
			return texts(raw)
		}
	}
	return values
}
