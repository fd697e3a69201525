package vchat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"expresschat/media"
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
	files  []media.File // that were stored, in the order in which they came
}

// readForm reads a body whose files nobody wants. The error is problem.ErrBadInput or
// errTooMuch, of a body that breaks off the reader's as well.
func readForm(r *http.Request) (form, error) { return readBody(r, nil) }

// readBody is readForm where take has the files. Errors are take's, too, and the form has the
// files that were taken before.
func readBody(r *http.Request, take taker) (form, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		if params["boundary"] == "" {
			return form{}, problem.ErrBadInput
		}
		return readParts(r.Body, params["boundary"], take)
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

func newForm(values map[string][]string) form {
	f := form{values: map[string][]string{}}
	for name, v := range values {
		f.add(name, v...)
	}
	return f
}

func (f form) add(name string, values ...string) {
	name = fieldName(name)
	f.values[name] = append(f.values[name], values...)
}

// fieldName is without the [] in which the names of lists may end.
func fieldName(s string) string { return strings.TrimSuffix(s, "[]") }

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
