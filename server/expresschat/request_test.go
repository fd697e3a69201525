package expresschat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// The types of bodies.
const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// request is one of REST.
type request struct {
	method, path, kind, body string
	cookies                  [2]string // access and refresh token
	bearer                   string    // or this one in a header
	chunked                  bool
}

// response is what the tables say of one: status, success and what came with it.
type response struct {
	status  int
	success string // empty where the answer has none
	cookies int    // that were set, and not cleared
	text    string
	oddity  string // what is wrong with an answer of any kind
}

func (r response) String() string { return fmt.Sprintf("%d:%s", r.status, r.success) }

// ask sends a request and reads its answer, which has to be JSON unless it has no body.
func (h *house) ask(q request) response {
	h.Helper()
	var body io.Reader = strings.NewReader(q.body)
	if q.chunked {
		body = io.MultiReader(body) // whose length nobody knows
	}
	r, err := http.NewRequestWithContext(h.Context(), q.method, h.url+q.path, body)
	h.must(err)
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+q.bearer)
	}
	for i, name := range []string{"access_token", "refresh_token"} {
		if q.cookies[i] != "" {
			r.AddCookie(&http.Cookie{Name: name, Value: q.cookies[i]})
		}
	}
	answered, err := h.http.Do(r)
	h.must(err)
	defer answered.Body.Close()
	text, err := io.ReadAll(answered.Body)
	h.must(err)
	return judge(answered, text)
}

func judge(answered *http.Response, text []byte) response {
	out := response{status: answered.StatusCode, text: string(text)}
	for _, c := range answered.Cookies() {
		if c.MaxAge > 0 && c.Value != "" {
			out.cookies++
		}
	}
	if out.status >= http.StatusInternalServerError {
		out.oddity = "a failure"
	}
	if len(text) == 0 {
		return out
	}
	kind := answered.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "text/") {
		return out
	}
	var got map[string]any
	if !strings.HasPrefix(kind, asJSON) || json.Unmarshal(text, &got) != nil {
		out.oddity = "no JSON object but " + kind
		return out
	}
	if s, there := got["success"]; there {
		out.success = fmt.Sprint(s)
	}
	if text, _ := got["message"].(string); text == "" && got["status"] == nil && got["exportedAt"] == nil {
		out.oddity = "no message"
	}
	return out
}

// checkRoutes fails the test unless listed are the routes that there are, besides
// Socket.IO's own.
func (h *house) checkRoutes(listed []string) {
	h.Helper()
	var routes []string
	for _, r := range h.routes {
		if !strings.HasPrefix(r.Path, "/socket.io/") {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	slices.Sort(routes)
	slices.Sort(listed)
	if listed = slices.Compact(listed); !slices.Equal(listed, routes) {
		h.Fatalf("the table lists %v, the server has %v", listed, routes)
	}
}
