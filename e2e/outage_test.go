package e2e

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"
)

const (
	// answerLimit is how long anybody may wait for an answer while the database is away:
	// the server's own patience, and some for a busy machine.
	answerLimit = 10*time.Second + 5*time.Second
	// readyLimit is the same for /readyz, which waits two seconds.
	readyLimit = 2*time.Second + 2*time.Second
)

// A database may be away in several ways. In each of them everybody gets an answer in
// time, which never claims what is not stored and never signs anybody out, and nothing
// piles up; when it is back, so is the server, by itself.
func TestTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ways := map[string]struct{ lose, regain func(*ownPostgres) error }{
		"stopped": {
			lose:   (*ownPostgres).stop,
			regain: func(p *ownPostgres) error { return p.start(context.Background()) },
		},
		"stalled": {lose: (*ownPostgres).stall, regain: (*ownPostgres).goOn},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pg := newPostgres(t, nil)
			s := newServer(t, "away-"+name, "CHAT_DATABASE_URL="+pg.url())
			c := newCompany(t, s)
			c.talk(t, "before")
			quiet := s.logged(t)
			memory, err := memoryOf(s.cmd.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}

			if err := way.lose(pg); err != nil {
				t.Fatal(err)
			}
			var throng, everybody sync.WaitGroup
			over := make(chan struct{})
			throng.Go(func() { c.throng.keepSending(t, over) })
			for _, look := range []func(testing.TB){
				c.sendsAreAnsweredInTime, c.fetchesAreAnsweredInTime, c.nobodyIsSentAway,
				c.restIsUnavailable, c.healthIsTold,
			} {
				everybody.Go(func() { look(t) })
			}
			everybody.Wait()
			grown(t, s, memory)
			if err := way.regain(pg); err != nil {
				t.Fatal(err)
			}

			c.awaitReady(t)
			close(over)
			throng.Wait()
			c.comesBack(t)
			c.throng.hasAll(t)
			fewLines(t, s, quiet)
			if err := way.lose(pg); err != nil {
				t.Fatal(err)
			}
			c.say("late", "says too late", func(reply) {})
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A database that is restarted, for an update say, is back before anybody's patience ends:
// who sends meanwhile waits a little, and that is all.
func TestARestartOfTheDatabaseIsHardlyNoticed(t *testing.T) {
	t.Parallel()
	pg := newPostgres(t, nil)
	s := newServer(t, "pg-restarted", "CHAT_DATABASE_URL="+pg.url())
	c := newCompany(t, s)
	c.talk(t, "before")
	for range 3 {
		acks := make(chan reply, 20)
		for range cap(acks) {
			id := rand.Text()
			c.say(id, "says "+id, func(r reply) { acks <- r })
		}
		if err := pg.stop(); err != nil {
			t.Fatal(err)
		}
		if err := pg.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range cap(acks) {
			select {
			case r := <-acks:
				if !r.Success {
					t.Errorf("a send during a restart is answered by %+v", r)
				}
			case <-c.sender.ended:
				t.Fatal("a line ended for a restart of the database")
			}
		}
	}
	c.comesBack(t)
}
