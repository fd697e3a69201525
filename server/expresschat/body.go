package expresschat

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"expresschat/server/problem"
)

// fields are the strings of a request body, which is a JSON object or a form. A field
// that is missing, null or empty is an empty string.
type fields map[string]string

// readFields reads a body whose size has been bounded already. The error is
// problem.ErrBadInput, of a body that breaks off too; it is the reader's as well then.
func readFields(r *http.Request, names ...string) (fields, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: read body: %w", problem.ErrBadInput, err)
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		return formFields(string(body), names)
	}
	return jsonFields(body, names)
}

func formFields(body string, names []string) (fields, error) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, problem.ErrBadInput
	}
	f := fields{}
	for _, name := range names {
		f[name] = values.Get(name)
	}
	return f, nil
}

func jsonFields(body []byte, names []string) (fields, error) {
	f := fields{}
	if len(body) == 0 {
		return f, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, problem.ErrBadInput
	}
	for _, name := range names {
		raw, there := object[name]
		if !there {
			continue
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil { // null leaves s empty
			return nil, problem.ErrBadInput
		}
		f[name] = s
	}
	return f, nil
}

// lacks reports whether one of the named fields is missing.
func (f fields) lacks(names ...string) bool {
	for _, name := range names {
		if f[name] == "" {
			return true
		}
	}
	return false
}
