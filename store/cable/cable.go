// Package cable lets tests lose connections to a database without a word.
package cable

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Cable is what connections to a database go over. Each half of one is carried alone.
type Cable struct {
	listener net.Listener
	target   string

	mu      sync.Mutex // guards what follows
	strands []*strand
}

// strand is one connection over a cable.
type strand struct {
	near, far net.Conn
	silent    chan struct{} // closed when nothing goes through any more
}

// New leads to the database at a Unix socket's path. It is gone with the test.
func New(t testing.TB, target string) *Cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{listener: l, target: target}
	var carrying sync.WaitGroup
	carrying.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			carrying.Go(func() { c.carry(near) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.mu.Lock()
		for _, s := range c.strands {
			_, _ = s.near.Close(), s.far.Close()
		}
		c.mu.Unlock()
		carrying.Wait()
	})
	return c
}

// Address is the near end's, a TCP host and port.
func (c *Cable) Address() string { return c.listener.Addr().String() }

// Silence makes all connections that there are go silent, as they do where a firewall forgot
// them. New ones work.
func (c *Cable) Silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.strands {
		select {
		case <-s.silent:
		default:
			close(s.silent)
		}
	}
}

func (c *Cable) carry(near net.Conn) {
	far, err := net.Dial("unix", c.target)
	if err != nil {
		_ = near.Close()
		return
	}
	s := &strand{near: near, far: far, silent: make(chan struct{})}
	c.mu.Lock()
	c.strands = append(c.strands, s)
	c.mu.Unlock()
	var halves sync.WaitGroup
	halves.Go(func() { s.carry(near, far) })
	halves.Go(func() { s.carry(far, near) })
	halves.Wait()
}

// carry moves bytes until one end is closed, which closes the other. Of a silent strand neither
// end hears anything but that: a half of a batch has locks, and over a network Postgres lets go of
// them once it has noticed that nobody is there, as it is told to look (store.Reach).
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
