package process

import (
	"os/exec"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("taskset"); err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Spec{Name: "cat", Args: []string{"sh", "-c", `echo "$WHERE"; cat`}, Env: []string{"WHERE=I listen on http://127.0.0.1:80"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if c.Addr != "127.0.0.1:80" {
		t.Errorf("listens on %q", c.Addr)
	}
	if _, err := CPUTime(c.PID); err != nil {
		t.Error(err)
	}
}

func TestStartSilent(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Spec{Name: "true", Args: []string{"true"}}); err == nil {
		t.Error("a program that says nothing was taken for a server")
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"127.0.0.1:80\n": "127.0.0.1:80",
		"ExpressChat listens on http://127.0.0.1:80": "127.0.0.1:80",
		"": "",
	} {
		if got := address(line); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	var tail Tail
	for range 3 {
		_, _ = tail.Write([]byte(strings.Repeat("a", tailSize/2)))
	}
	_, _ = tail.Write([]byte("end"))
	if got := tail.String(); len(got) != tailSize || !strings.HasSuffix(got, "aend") {
		t.Errorf("%d bytes: ...%q", len(got), got[len(got)-10:])
	}
}
