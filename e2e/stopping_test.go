package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// A server that is told to stop while two hundred sockets send is gone within ten seconds,
// and orderly. All its clients see is a lost transport; they come back by themselves
// when it is there again, and miss nothing. It is the oracle's world, with stops for kills.
func TestStopsWhileEverybodySends(t *testing.T) {
	t.Parallel()
	const stops, idlers = 2, 180
	s := newServer(t, "stopping")
	seed := uint64(number(t, seedEnv, int(rand.Uint32())))
	o := newOracle(t, s, seed)
	w := newWorldOn(t, s, "")
	w.signUp("zoe")
	page := w.openAs("zoe", style{nodeNewest, pollingFirst, inCookies})
	old := w.openAs("zoe", style{nodeOldest, websocketOnly, inQuery})

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	var writers, readers sync.WaitGroup
	for i, u := range o.users {
		for j := range 3 {
			w := &writer{o: o, who: u, name: fmt.Sprint("device ", j), dice: rand.New(rand.NewPCG(seed, uint64(10*i+j)))}
			writers.Go(func() { note(fail, w.run(ctx)) })
		}
		v := newView(o, u, rand.New(rand.NewPCG(seed, uint64(1000+i))))
		o.views = append(o.views, v)
		readers.Go(func() { note(fail, v.run(ctx)) })
	}
	for i := range stops {
		crowd := make([]*line, idlers)
		for j := range crowd {
			crowd[j] = newLine(t, s, o.users[j%len(o.users)], nil)
			crowd[j].emit("send-self-message", obj{"Content": "just before the end"}, func(reply) {})
		}
		note(fail, o.await(ctx, 50))
		page.tell("send-self-message", obj{"Content": "as many pages do"})
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		for _, l := range crowd {
			<-l.ended
			if l.sentAway != "" {
				t.Fatalf("stop %d: %v", i, l.end())
			}
		}
		for _, c := range []*tab{page, old} {
			if reason := c.awaitKind(sawDisconnect).Text; reason != "transport close" {
				t.Errorf("%s sees stop %d as %q", c, i, reason)
			}
			c.forget()
		}
		if err := s.restart(); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*tab{page, old} {
			c.awaitKind(sawConnect)
			c.await("group-chat-list")
			c.forget()
		}
	}
	note(fail, o.await(ctx, 50))
	close(o.enough)
	writers.Wait()
	close(o.written)
	readers.Wait()
	if err := context.Cause(ctx); err != nil {
		t.Fatal(err)
	}
	o.judge(t)
}
