package e2e

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// A connection may die without a word: a firewall forgot it, or what was at its other end
// is gone and somebody else has taken its place. New ones work. That costs nobody more
// than the time that an answer may take, and nothing that was said.
func TestConnectionsToTheDatabaseGoSilent(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t, nil)
	wire := newCable(t, filepath.Join(pg.dir, ".s.PGSQL.5432"))
	s := newServer(t, "silent", "CHAT_DATABASE_URL=postgres://postgres@"+wire.address()+"/postgres?sslmode=disable")
	c := newCompany(t, s)
	over := make(chan struct{})
	var throng sync.WaitGroup
	throng.Go(func() { c.throng.keepSending(t, over) })
	c.talk(t, "before") // by now there are as many connections as there may be
	for i := range 3 {
		wire.silence()
		c.awaitReady(t)
		c.talk(t, fmt.Sprint("after silence ", i, " "))
	}
	close(over)
	throng.Wait()
	c.comesBack(t)
	c.throng.hasAll(t)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// cable is what connections to a database go over. Bytes go one way at a time, so that
// each half can be held.
type cable struct {
	listener net.Listener
	target   string

	mu    sync.Mutex // guards what follows
	conns []*strand
}

// strand is one connection over a cable.
type strand struct {
	near, far net.Conn
	silent    chan struct{} // closed when nothing goes through any more
}

func newCable(t testing.TB, target string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: l, target: target}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { c.carry(near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.mu.Lock()
		for _, s := range c.conns {
			_, _ = s.near.Close(), s.far.Close()
		}
		c.mu.Unlock()
		serving.Wait()
	})
	return c
}

func (c *cable) address() string { return c.listener.Addr().String() }

func (c *cable) carry(near net.Conn) {
	far, err := net.Dial("unix", c.target)
	if err != nil {
		_ = near.Close()
		return
	}
	s := &strand{near: near, far: far, silent: make(chan struct{})}
	c.mu.Lock()
	c.conns = append(c.conns, s)
	c.mu.Unlock()
	var halves sync.WaitGroup
	halves.Go(func() { s.carry(near, far) })
	halves.Go(func() { s.carry(far, near) })
	halves.Wait()
}

// carry moves bytes until one end is closed, which closes the other. Of a silent strand
// neither end hears anything but that: a half of a batch has locks, and Postgres lets go of them
// once it has noticed that nobody is there, as it is told to look (store.Reach).
func (s *strand) carry(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-s.silent:
			_, _ = io.Copy(io.Discard, from)
			_ = to.Close()
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

// silence makes all connections that there are go silent.
func (c *cable) silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.conns {
		select {
		case <-s.silent:
		default:
			close(s.silent)
		}
	}
}
