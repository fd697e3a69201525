package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	answering := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				status = http.StatusNotFound
			}
			w.WriteHeader(status)
		}))
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	everywhere, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	served := make(chan error)
	go func() { served <- s.Serve(everywhere) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	_, port, _ := net.SplitHostPort(everywhere.Addr().String())
	tests := map[string]struct {
		addr   string
		code   int
		stderr string
	}{
		"ready":                      {answering(http.StatusOK), 0, ""},
		"not ready":                  {answering(http.StatusServiceUnavailable), 1, "expresschat: the server is not ready: 503"},
		"listening everywhere":       {":" + port, 0, ""},
		"everywhere by IPv4":         {"0.0.0.0:" + port, 0, ""},
		"nobody there":               {closed.Addr().String(), 1, "expresschat: ask server: "},
		"a port that is yet to know": {"127.0.0.1:0", 1, "expresschat: CHAT_ADDR makes no sense"},
	}
	for name, tt := range tests {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), []string{"healthcheck"}, []string{"CHAT_ADDR=" + tt.addr}, &stdout, &stderr)
		if code != tt.code || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), tt.stderr) || strings.Count(stderr.String(), "\n") != code {
			t.Errorf("%s: code %d, %q, %q", name, code, stdout.String(), stderr.String())
		}
	}
}
