package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How the oracle is told what to play; "make soak" uses the first.
const (
	killsEnv = "EXPRESSCHAT_E2E_KILLS" // how many kills, 10 if it is not set
	seedEnv  = "EXPRESSCHAT_E2E_SEED"  // of all random choices, to play a run again
)

// Acked means stored, once, in one order for everybody, whatever dies: while people write
// and read on several chats, the server and its Postgres are killed in turn at random
// moments. Writers whose ack did not come say it again under the same ClientId; readers who
// were cut off fetch what they missed and merge it with what they hear. In the end
// nothing may be missing, doubled, in another order or invented, for anybody, at either
// door: some of the people are on VChat apps.
func TestOracle(t *testing.T) {
	t.Parallel()
	kills, seed := number(t, killsEnv, 10), uint64(number(t, seedEnv, int(rand.Uint32())))
	t.Logf("to play this again: %s=%d %s=%d", seedEnv, seed, killsEnv, kills)
	s := newServer(t, "oracle")
	o := newOracle(t, s, seed)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(kills)*10*time.Second)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	var writers, readers sync.WaitGroup
	for i, u := range o.users {
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		w := &writer{o: o, who: u, dice: dice}
		o.views = append(o.views, newView(o, u, rand.New(rand.NewPCG(seed, uint64(1000+i)))))
		v := o.views[i]
		writers.Go(func() { note(fail, w.run(ctx)) })
		readers.Go(func() { note(fail, v.run(ctx)) })
	}
	o.startApps(ctx, fail, seed, &writers, &readers)
	note(fail, o.killAll(ctx, kills, rand.New(rand.NewPCG(seed, 2000))))
	close(o.enough)
	writers.Wait()
	close(o.written)
	readers.Wait()
	if err := context.Cause(ctx); err != nil {
		t.Fatal(err)
	}
	o.judge(t)
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

func note(fail context.CancelCauseFunc, err error) {
	if err != nil {
		fail(err)
	}
}

// number reads a setting of the tests.
func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

// oracle knows what was said, by whom, and what they were told about it.
type oracle struct {
	s     *server
	users []*user
	chats []*talk
	views []*view
	// apps are who comes by VChat's door: two who have no other, and two of the users.
	apps     []*user
	appViews []*appView
	enough   chan struct{} // closed when writers shall begin nothing more
	written  chan struct{} // closed when they have ended

	mu      sync.Mutex // guards what follows
	drafts  map[string]*draft
	acks    int
	changed chan struct{}     // closed and replaced when acks grows
	newest  map[string]string // the last id that was acked, by chat
}

// talk is a chat that the oracle looks at.
type talk struct {
	id, kind string
	first    int64 // the seq that its first message will have
	members  []*user
}

func (c *talk) has(u *user) bool {
	return slices.ContainsFunc(c.members, func(m *user) bool { return m.id == u.id })
}

// chatsOf are the chats that somebody is in.
func (o *oracle) chatsOf(u *user) (mine []*talk) {
	for _, c := range o.chats {
		if c.has(u) {
			mine = append(mine, c)
		}
	}
	return mine
}

// newOracle signs people up and makes chats of them: six pairs, and two groups.
func newOracle(t *testing.T, s *server, seed uint64) *oracle {
	t.Helper()
	o := &oracle{
		s: s, enough: make(chan struct{}), written: make(chan struct{}),
		drafts: map[string]*draft{}, changed: make(chan struct{}), newest: map[string]string{},
	}
	w := newWorldOn(t, s, "")
	names := []string{"ana", "ben", "cem", "dia", "eli"}
	w.signUp(names...)
	lines := map[*user]*line{}
	for _, name := range names {
		u := w.users[name]
		lines[u] = newLine(t, s, u, nil)
		u.id = lines[u].userID
		o.users = append(o.users, u)
	}
	o.comeByApp(w, "fay", "gus", "ana", "eli")
	pair := func(a, b *user) {
		id := lines[a].must(t, "create-personal-chat", obj{"Receiver": b.id}).ChatID
		o.chats = append(o.chats, &talk{id: id, kind: "personal", first: 1, members: []*user{a, b}})
	}
	group := func(members ...*user) {
		ids := list{}
		for _, u := range members[1:] {
			ids = append(ids, u.id)
		}
		id := lines[members[0]].must(t, "create-group-chat", obj{"Name": "Oracle", "Description": "", "Participants": ids}).ChatID
		o.chats = append(o.chats, &talk{id: id, kind: "group", first: 2, members: members})
	}
	u := o.users
	pair(u[0], u[1])
	pair(u[1], u[2])
	pair(u[3], u[0])
	pair(u[4], u[2])
	pair(u[0], o.apps[0])
	pair(u[1], o.apps[1])
	group(append(slices.Clone(u), o.apps[:2]...)...)
	group(u[2], u[0], u[4])
	for _, l := range lines {
		l.cut()
	}
	return o
}

// killAll kills the server and its Postgres in turn, each time after some more acks.
func (o *oracle) killAll(ctx context.Context, kills int, dice *rand.Rand) error {
	for i := range kills {
		if err := o.await(ctx, 20+dice.IntN(80)); err != nil {
			return fmt.Errorf("before kill %d: %w", i, err)
		}
		if i%2 == 0 {
			// Now and then everything dies at once, as with the machine.
			if pid := o.s.postgres(); dice.IntN(3) == 0 && pid != 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			o.s.kill()
			if err := o.s.restart(); err != nil {
				return fmt.Errorf("restart after kill %d: %w", i, err)
			}
			continue
		}
		if err := o.killPostgres(ctx, dice); err != nil {
			return fmt.Errorf("kill %d: %w", i, err)
		}
	}
	return o.await(ctx, 50)
}

// killPostgres kills the server's Postgres, all of it or one of its processes, which
// makes it end all others and recover.
func (o *oracle) killPostgres(ctx context.Context, dice *rand.Rand) error {
	return poll(ctx, "a Postgres to kill", func() (bool, error) {
		select {
		case <-o.s.exited:
			return false, fmt.Errorf("the server ended by itself: %w", o.s.exit)
		default:
		}
		pid := o.s.postgres()
		if pid == 0 {
			return false, nil
		}
		if children := childrenOf(pid); dice.IntN(2) == 0 && len(children) > 0 {
			pid = children[dice.IntN(len(children))]
		}
		return syscall.Kill(pid, syscall.SIGKILL) == nil, nil
	})
}

// await returns when n more messages have been acked.
func (o *oracle) await(ctx context.Context, n int) error {
	o.mu.Lock()
	goal := o.acks + n
	o.mu.Unlock()
	for {
		o.mu.Lock()
		acks, changed := o.acks, o.changed
		o.mu.Unlock()
		if acks >= goal {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d acks are missing: %w", goal-acks, context.Cause(ctx))
		}
	}
}

var errOracle = errors.New("the oracle disagrees")

// acked notes what a writer was told. It must be the same every time.
func (o *oracle) acked(d *draft, r reply) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.ack != nil {
		if d.ack.ID != r.ID || d.ack.Seq != r.Seq || d.ack.Timestamp != r.Timestamp {
			return fmt.Errorf("%w: %q was acked as %+v and then as %+v", errOracle, d.content, *d.ack, r)
		}
		return nil
	}
	d.ack = &r
	o.newest[d.chat.id] = max(o.newest[d.chat.id], r.ID)
	o.count()
	return nil
}

// answered notes that a writer on an app was told that a message is stored.
func (o *oracle) answered(d *draft) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.answered = true
	o.count()
}

// count is called with mu held.
func (o *oracle) count() {
	o.acks++
	close(o.changed)
	o.changed = make(chan struct{})
}

// newestAcked is the last message of a chat that a page was told is stored.
func (o *oracle) newestAcked(c *talk) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.newest[c.id]
}
