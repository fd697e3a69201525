package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"expresschat/bench/chat/load"
)

// profileSocket is the variable that tells the profiled server where to offer profiles,
// and the name of the socket in its folder. The server itself offers none to anybody.
const profileSocket = "BENCH_PROFILE"

//go:embed profile.go.txt
var profileSource []byte

// profiler takes the profile of one turn that is not in the tables.
type profiler struct {
	dir    string // where the binary and the profile are
	length time.Duration

	once       sync.Once
	taken      chan struct{}
	failed     error
	statements string // what Postgres did meanwhile
}

// shown are the functions that a profile names. What others use counts for those that
// call them.
const shown = `^(expresschat/|github.com/|golang.org/|encoding/json|net/http|internal/runtime/syscall|runtime\.(gcBgMarkWorker|schedule|mallocgc)$)`

// binary is the server that is to be started.
func (b *bench) binary() string {
	if b.profiler != nil {
		return b.profiler.path("expresschat")
	}
	return b.server
}

func (p *profiler) path(name string) string { return filepath.Join(p.dir, name) }

// explain runs a subject once more, with a server that offers profiles, and returns where
// its time went.
func (b *bench) explain(ctx context.Context, s subject) (string, error) {
	dir, err := os.MkdirTemp("", "expresschat-bench-profile-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	p := &profiler{dir: dir, length: b.size.span.Measured, taken: make(chan struct{})}
	if err := p.build(ctx); err != nil {
		return "", err
	}
	b.profiler = p
	defer func() { b.profiler = nil }()
	if _, err := s.run(ctx); err != nil {
		return "", err
	}
	if p.failed != nil {
		return "", fmt.Errorf("take a profile: %w", p.failed)
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount=30", "-show="+shown,
		p.path("expresschat"), p.path("profile")).Output()
	if err != nil {
		return "", fmt.Errorf("read the profile: %w", err)
	}
	return strings.TrimSpace(string(out)) + "\n\n" + p.statements, nil
}

// build builds the server with one more file, which is laid over the tree and not in it.
func (p *profiler) build(ctx context.Context) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "cmd", "expresschat", "profile.go"): p.path("profile.go"),
	}})
	if err != nil {
		return err
	}
	for name, body := range map[string][]byte{"profile.go": profileSource, "overlay.json": overlay} {
		if err := os.WriteFile(p.path(name), body, 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", p.path("overlay.json"), "-o", p.path("expresschat"), "./cmd/expresschat")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build a server that offers profiles: %w: %s", err, out)
	}
	return nil
}

// profiled has the meter's first reading, which is when the measured part begins, begin a
// profile, and the second wait for its end. What statements did before is forgotten, so
// what the meter says is of no use.
func (b *bench) profiled(meter load.Meter, folder, database string) load.Meter {
	p := b.profiler
	if p == nil || folder == "" {
		return meter
	}
	return func(ctx context.Context) (u load.Usage, err error) {
		begun := false
		p.once.Do(func() {
			begun = true
			err = b.cluster.Forget(ctx)
			go func() {
				defer close(p.taken)
				p.failed = p.take(ctx, filepath.Join(folder, profileSocket))
			}()
		})
		if !begun {
			<-p.taken
			p.statements, err = b.cluster.Top(ctx, database)
		}
		if err != nil {
			return load.Usage{}, err
		}
		return meter(ctx)
	}
}

func (p *profiler) take(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, p.length+time.Minute)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	url := fmt.Sprintf("http://server/debug/pprof/profile?seconds=%d", max(1, int(p.length.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	return os.WriteFile(p.path("profile"), body, 0o600)
}
