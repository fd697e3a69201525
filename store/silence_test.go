package store_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/chat"
	"expresschat/store"
	"expresschat/store/storetest"
)

// What one connection for writes went silent by, the others did as well: what is written next
// begins with a new one, and need not find that out.
func TestWritesBehindASilence(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(context.Context, *store.Store) error{
		"batch": func(ctx context.Context, s *store.Store) error {
			_, _, err := s.Commit(ctx, chat.Batch{})
			return err
		},
		"one that stands alone": func(ctx context.Context, s *store.Store) error {
			return s.InLane(ctx, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `SELECT`)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, line := overALine(t, store.Conns{Lanes: 3, Others: 1}, slog.New(slog.DiscardHandler))
			err := s.InLane(t.Context(), func(pgx.Tx) error { // beside another one
				return s.InLane(t.Context(), func(pgx.Tx) error { return nil })
			})
			if err != nil || s.IdleLanes() != 2 {
				t.Fatalf("%d connections: %v", s.IdleLanes(), err)
			}
			line.silence()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := write(ctx, s); err == nil {
				t.Error("written over a silent connection")
			}
			if n := s.IdleLanes(); n != 0 {
				t.Fatalf("%d silent connections are trusted still", n)
			}
			if err := write(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
}

// overALine is a store that reaches its database over a line.
func overALine(t *testing.T, conns store.Conns, log *slog.Logger) (*store.Store, *line) {
	t.Helper()
	at, err := url.Parse(storetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newLine(t, filepath.Join(at.Query().Get("host"), ".s.PGSQL."+at.Query().Get("port")))
	q := at.Query()
	q.Del("host")
	q.Del("port")
	at.Host, at.RawQuery = line.Addr().String(), q.Encode()
	s, err := store.Open(t.Context(), at.String(), conns, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, line
}

// line carries connections, until those that there are go silent.
type line struct {
	net.Listener

	mu    sync.Mutex
	ends  []net.Conn
	quiet []chan struct{}
}

func newLine(t *testing.T, socket string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &line{Listener: l}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", socket)
			if err != nil {
				_ = near.Close()
				continue
			}
			quiet := make(chan struct{})
			w.mu.Lock()
			w.ends, w.quiet = append(w.ends, near, far), append(w.quiet, quiet)
			w.mu.Unlock()
			all.Go(func() { carry(near, far, quiet) })
			all.Go(func() { carry(far, near, quiet) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		for _, c := range w.ends {
			_ = c.Close()
		}
		w.mu.Unlock()
		all.Wait()
	})
	return w
}

func (w *line) silence() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, quiet := range w.quiet {
		close(quiet)
	}
	w.quiet = nil
}

func carry(from, to net.Conn, quiet <-chan struct{}) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-quiet:
			_, _ = io.Copy(io.Discard, from)
			return
		default:
		}
		if n > 0 {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}
