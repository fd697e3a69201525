package sockets

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestRequests has one connection ask twice.
func TestRequests(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	loop, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	var got []string
	s, err := loop.DialHTTP(strings.TrimPrefix(server.URL, "http://"), func(answer []byte) error {
		got = append(got, string(answer))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		s.Send([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"))
		if err := loop.Run(t.Context(), 20*time.Second, func() bool { return len(got) > i }); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got[i], "HTTP/1.1 200 ") || !strings.HasSuffix(got[i], "\r\n\r\nhello") {
			t.Errorf("answer %d: %q", i, got[i])
		}
	}
}

func TestNextAnswer(t *testing.T) {
	t.Parallel()
	const whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
	for name, tt := range map[string]struct {
		in   string
		size int
		want error
	}{
		"whole":                 {whole, len(whole), nil},
		"and the next one":      {whole + "HTTP", len(whole), nil},
		"part of the head":      {whole[:20], 0, nil},
		"part of the body":      {whole[:len(whole)-1], 0, nil},
		"nothing":               {"", 0, nil},
		"no length":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0, ErrHTTP},
		"a length that is none": {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 0, ErrHTTP},
		"no end":                {strings.Repeat("x", maxHead), 0, ErrHTTP},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, size, err := nextAnswer([]byte(tt.in)); size != tt.size || !errors.Is(err, tt.want) {
				t.Errorf("size %d, error %v", size, err)
			}
		})
	}
}
