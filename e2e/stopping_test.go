package e2e

import (
	"context"
	"errors"
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
	const stops = 2
	s := newServer(t, "stopping")
	seed := uint64(number(t, seedEnv, int(rand.Uint32())))
	o := newOracle(t, s, seed)
	w := newWorldOn(t, s, "")
	w.signUp("zoe", "fay", "gus", "hal", "ida", "jon", "kim")
	page := w.openAs("zoe", style{nodeNewest, pollingFirst, inCookies})
	old := w.openAs("zoe", style{node4, websocketOnly, inQuery})

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	var writers, readers sync.WaitGroup
	for i, u := range o.users {
		for j := range 2 {
			w := &writer{o: o, who: u, name: fmt.Sprint("device ", j), dice: rand.New(rand.NewPCG(seed, uint64(10*i+j)))}
			writers.Go(func() { note(fail, w.run(ctx)) })
		}
		v := newView(o, u, rand.New(rand.NewPCG(seed, uint64(1000+i))))
		o.views = append(o.views, v)
		readers.Go(func() { note(fail, v.run(ctx)) })
	}
	for i := range stops {
		crowd := thirtyEach(t, w, "fay", "gus", "hal", "ida", "jon", "kim")
		note(fail, o.await(ctx, 50))
		for _, l := range crowd {
			l.emit("send-self-message", obj{"Content": "just before the end"}, func(reply) {})
		}
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

// thirtyEach opens thirty sockets for everybody named, side by side.
func thirtyEach(t *testing.T, w *world, names ...string) []*line {
	t.Helper()
	const each = 30
	lines := make([]*line, each*len(names))
	errs := make([]error, len(lines))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var opening sync.WaitGroup
	for i, name := range names {
		opening.Go(func() {
			for j := range each {
				lines[i*each+j], errs[i*each+j] = dialLine(ctx, w.s, w.users[name], nil)
			}
		})
	}
	opening.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return lines
}
