package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startLimit covers making a new Postgres cluster on a busy machine.
	startLimit = 90 * time.Second
	// stopLimit is what the server promises for an orderly stop.
	stopLimit = 10 * time.Second
)

var (
	errSlowStop     = errors.New("the server did not stop within ten seconds of SIGTERM")
	errLeftPostgres = errors.New("the server stopped and left its Postgres running")
)

// server is one running binary with a data directory of its own.
type server struct {
	binary, dir string
	env         []string
	url         string
	http        *http.Client
	// observer is somebody whose new sockets tell that earlier deliveries are out.
	observer func() (*user, error)

	cmd    *exec.Cmd
	exited chan struct{} // closed once the process is gone
	exit   error         // what Wait said; read it after exited
}

// startServer starts the binary on a free port and returns once it is ready. env adds
// to the environment, which is otherwise free of the server's variables.
func startServer(binary, dir string, env ...string) (*server, error) {
	s := &server{
		binary: binary, dir: dir, env: env,
		http: &http.Client{
			Timeout:       patience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	s.observer = sync.OnceValues(func() (*user, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return signUp(ctx, s, "Observer")
	})
	// The user that Postgres runs as has to get in, or its cluster would lie elsewhere,
	// and outlive the tests.
	if err := os.MkdirAll(s.dataDir(), 0o755); err != nil {
		return nil, err
	}
	if err := s.start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	return s, nil
}

// restart starts a server that is down, on the same data and the same port.
func (s *server) restart() error {
	return s.start(strings.TrimPrefix(s.url, "http://"))
}

func (s *server) start(addr string) error {
	cmd := exec.Command(s.binary, "serve")
	cmd.Env = append(withoutServerVariables(os.Environ()), "CHAT_ADDR="+addr, "CHAT_DATA_DIR="+s.dataDir(),
		"GORACE=halt_on_error=1 exitcode=66 atexit_sleep_ms=0")
	if engine := os.Getenv(socketioEnv); engine != "" {
		cmd.Env = append(cmd.Env, "CHAT_SOCKETIO="+engine)
	}
	cmd.Env = append(cmd.Env, s.env...)
	// When the tests die, the server gets the chance to stop its Postgres.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	logs, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = logs.Close() }()
	cmd.Stderr = logs
	said, err := os.OpenFile(filepath.Join(s.dir, "stdout.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	address := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer func() { _ = said.Close() }()
		findAddress(io.TeeReader(stdout, said), address)
	}()
	exited := make(chan struct{})
	s.cmd, s.exited = cmd, exited
	go func() {
		<-read // Wait closes the pipe, so everything has to be read before
		s.exit = cmd.Wait()
		close(exited)
	}()
	if err := s.awaitReady(address); err != nil {
		s.kill()
		s.endPostgres()
		return fmt.Errorf("%w\n%s", err, s.lastLogs())
	}
	return nil
}

// publicURL is how people reach the server.
func (s *server) publicURL() string {
	for _, v := range s.env {
		if address, ok := strings.CutPrefix(v, "CHAT_PUBLIC_URL="); ok {
			return address
		}
	}
	return s.url
}

func (s *server) https() bool { return strings.HasPrefix(s.publicURL(), "https://") }

func (s *server) dataDir() string { return filepath.Join(s.dir, "data") }
func (s *server) logPath() string { return filepath.Join(s.dir, "stderr.log") }

func withoutServerVariables(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "CHAT_") {
			kept = append(kept, v)
		}
	}
	return kept
}

// findAddress sends the first address that the server prints, and reads on, so that
// the server never blocks on a full pipe.
func findAddress(stdout io.Reader, address chan<- string) {
	pattern := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	lines := bufio.NewScanner(stdout)
	for found := false; lines.Scan(); {
		if a := pattern.FindString(lines.Text()); a != "" && !found {
			found = true
			address <- a
		}
	}
}

func (s *server) awaitReady(address <-chan string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	select {
	case found := <-address:
		if s.url == "" { // one that starts again keeps the address, which others read meanwhile
			s.url = found
		}
	case <-s.exited:
		return fmt.Errorf("the server ended at its start: %w", s.exit)
	case <-ctx.Done():
		return errors.New("the server printed no address")
	}
	return poll(ctx, "the server to be ready", func() (bool, error) {
		select {
		case <-s.exited:
			return false, fmt.Errorf("the server ended at its start: %w", s.exit)
		default:
		}
		resp, err := s.http.Get(s.url + "/readyz")
		if err != nil {
			return false, nil // not listening yet
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode == http.StatusOK, nil
	})
}

// stop asks the server to stop. The error tells when it took too long, when it did
// not end with code 0, or when it found a data race.
func (s *server) stop() error {
	select {
	case <-s.exited:
		return fmt.Errorf("the server had ended before its stop: %w\n%s", s.exit, s.lastLogs())
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("signal the server: %w", err)
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-s.exited:
	case <-limit.C:
		s.kill()
		s.endPostgres()
		return fmt.Errorf("%w\n%s", errSlowStop, s.lastLogs())
	}
	if s.exit != nil {
		return fmt.Errorf("the server ended with %w\n%s", s.exit, s.lastLogs())
	}
	if s.endPostgres() {
		return errLeftPostgres
	}
	return nil
}

// kill ends the server the hard way, and leaves its Postgres as it is.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// discard ends whatever is left of the server, for a test that may have failed
// anywhere.
func (s *server) discard() {
	select {
	case <-s.exited:
	default:
		_ = s.stop()
	}
	s.endPostgres()
}

// endPostgres ends a Postgres that was left behind in this data directory, and reports
// whether there was one.
func (s *server) endPostgres() (found bool) {
	_ = filepath.WalkDir(s.dataDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "postmaster.pid" {
			return nil // what can't be read holds no process of ours
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return nil // gone since
		}
		first, _, _ := strings.Cut(string(body), "\n")
		if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && pid > 1 {
			found = syscall.Kill(pid, syscall.SIGQUIT) == nil || found
		}
		return nil
	})
	return found
}

// lastLogs are the last lines that the server logged.
func (s *server) lastLogs() string {
	body, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	return withoutTokens(strings.Join(lines[max(0, len(lines)-40):], "\n"))
}

// complain writes what a failed run needs of the server's side.
func (s *server) complain(to io.Writer) {
	fmt.Fprintf(to, "the server's last log lines:\n%s\n", s.lastLogs())
}

// poll asks again and again until done says so. It is for what has no signal to wait
// on: another process that starts, or a mail on its way.
func poll(ctx context.Context, what string, done func() (bool, error)) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-ticker.C:
		}
	}
}
