//go:build unix

package localpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// Set in a test process that plays the server, so that it can be killed.
const (
	envServe    = "LOCALPG_TEST_SERVE"    // the data folder
	envPrograms = "LOCALPG_TEST_PROGRAMS" // where to look for Postgres, if not as usual
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envServe); dir != "" {
		if err := playServer(dir, os.Getenv(envPrograms)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// playServer starts, prints the URL, and runs until its input ends or it is killed.
func playServer(dir, programs string) error {
	around := usual()
	if programs != "" {
		around.candidates = []string{programs}
	}
	s, err := start(context.Background(), quick(dir), around)
	if err != nil {
		return err
	}
	fmt.Println(s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Stop(context.Background())
}

// runServer runs playServer in a process of its own.
func runServer(t *testing.T, dir, programs string) (server *exec.Cmd, output *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	server = exec.Command(self)
	server.Env = append(os.Environ(), envServe+"="+dir, envPrograms+"="+programs)
	server.Stderr = os.Stderr
	_, err = server.StdinPipe() // ends when we do
	must(t, err)
	out, err := server.StdoutPipe()
	must(t, err)
	must(t, server.Start())
	t.Cleanup(func() { kill(server) })
	return server, bufio.NewReader(out)
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func usual() surroundings { return surroundings{candidates: candidates(), retry: defaultRetry()} }

// quick keeps test clusters off the disk, and all of them below dir.
func quick(dir string) Options {
	return Options{
		DataDir: dir, SystemDir: filepath.Join(filepath.Dir(dir), "system"),
		Settings: map[string]string{"fsync": "off", "shared_buffers": "8MB"},
	}
}

// openFolder is a folder that every user can enter, unlike t.TempDir.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	dir, err = filepath.EvalSymlinks(dir)
	must(t, err)
	return dir
}

// dataFolder is a data folder that every user can enter.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(openFolder(t), "data")
	must(t, os.Mkdir(dir, 0o755))
	return dir
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func mustStart(t *testing.T, o Options) *Server {
	t.Helper()
	return mustStartIn(t, o, usual())
}

func mustStartIn(t *testing.T, o Options, around surroundings) *Server {
	t.Helper()
	s, err := start(limited(t), o, around)
	must(t, err)
	t.Cleanup(func() { _ = s.Stop(limited(t)) })
	return s
}

func mustStop(t *testing.T, s *Server) {
	t.Helper()
	must(t, s.Stop(limited(t)))
	left, err := s.cluster.remains()
	must(t, err)
	if len(left) > 0 {
		t.Fatalf("still running after Stop: %v", left)
	}
	if _, err := os.Lstat(s.cluster.socketDir); !os.IsNotExist(err) {
		t.Fatalf("the socket's folder is left: %v", err)
	}
	<-s.Done()
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(limited(t), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// keep writes a row that kept finds again.
func keep(t *testing.T, url string) {
	t.Helper()
	_, err := connect(t, url).Exec(limited(t), `CREATE TABLE kept AS SELECT 'häuser' AS word`)
	must(t, err)
}

func kept(t *testing.T, url string) {
	t.Helper()
	if word := ask(t, connect(t, url), `SELECT word FROM kept`); word != "häuser" {
		t.Fatalf("kept %q", word)
	}
}

func ask(t *testing.T, conn *pgx.Conn, query string) (answer string) {
	t.Helper()
	must(t, conn.QueryRow(limited(t), query).Scan(&answer))
	return answer
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q lacks %q", err, text)
		}
	}
}

// journal is a log whose messages can be waited for.
type journal struct {
	slog.Handler
	messages chan string
}

func newJournal() *journal {
	return &journal{Handler: slog.DiscardHandler, messages: make(chan string, 100)}
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	j.messages <- r.Message
	return nil
}

func (j *journal) await(t *testing.T, message string) {
	t.Helper()
	for ctx := limited(t); ; {
		select {
		case m := <-j.messages:
			if m == message {
				return
			}
		case <-ctx.Done():
			t.Fatalf("the log never said %q", message)
		}
	}
}
