package e2e

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"expresschat/store/cable"
)

// A connection may die without a word: a firewall forgot it, or what was at its other end
// is gone and somebody else has taken its place. New ones work. That costs nobody more
// than the time that an answer may take, and nothing that was said.
func TestConnectionsToTheDatabaseGoSilent(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t, nil)
	wire := cable.New(t, filepath.Join(pg.dir, ".s.PGSQL.5432"))
	s := newServer(t, "silent", "CHAT_DATABASE_URL=postgres://postgres@"+wire.Address()+"/postgres?sslmode=disable")
	c := newCompany(t, s)
	over := make(chan struct{})
	var throng sync.WaitGroup
	throng.Go(func() { c.throng.keepSending(t, over) })
	c.talk(t, "before") // by now there are as many connections as there may be
	for i := range 3 {
		wire.Silence()
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
