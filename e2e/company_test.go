package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// company is some people who notice everything while the database is away. The checks
// that run then use Errorf alone, as they run side by side.
type company struct {
	s        *server
	ana, ben *user
	sender   *line // Ana's
	heard    *messageLog
	receiver *line    // Ben's
	readers  [2]*line // Ana's too
	chat     string
	throng   *throng

	mu   sync.Mutex // guards said
	said []*saying
}

// saying is a message that Ana sent, and what she was told.
type saying struct {
	id, content string
	ack         reply // the zero one if none came
}

func (c *company) payload(s *saying) obj {
	return obj{"ChatId": c.chat, "Content": s.content, "ClientId": s.id}
}

func newCompany(t *testing.T, s *server) *company {
	t.Helper()
	w := newWorldOn(t, s, "")
	w.signUp("ana", "ben", "cem")
	c := &company{s: s, ana: w.users["ana"], ben: w.users["ben"], heard: &messageLog{changed: make(chan struct{}, 1)}}
	c.receiver = newLine(t, s, c.ben, c.heard.hear)
	c.sender = newLine(t, s, c.ana, nil)
	for i := range c.readers {
		c.readers[i] = newLine(t, s, c.ana, nil)
	}
	c.chat = c.sender.must(t, "create-personal-chat", obj{"Receiver": c.receiver.userID}).ChatID
	c.throng = newThrong(t, s, w.users["cem"], 50)
	return c
}

// say sends one message of Ana's and does not wait. Its ack is noted, and told to then.
func (c *company) say(id, content string, then func(reply)) {
	one := &saying{id: id, content: content}
	c.mu.Lock()
	c.said = append(c.said, one)
	c.mu.Unlock()
	c.sender.emit("send-personal-message", c.payload(one), func(r reply) {
		c.mu.Lock()
		one.ack = r
		c.mu.Unlock()
		then(r)
	})
}

// talk sends a few messages that have to be acked.
func (c *company) talk(t testing.TB, what string) {
	t.Helper()
	acks := make(chan reply, 5)
	for i := range cap(acks) {
		c.say(fmt.Sprint(what, i), fmt.Sprint("says ", what, i), func(r reply) { acks <- r })
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for range cap(acks) {
		select {
		case r := <-acks:
			if !r.Success {
				t.Errorf("%s: %+v", what, r)
			}
		case <-c.sender.ended:
			t.Fatalf("%s: the line ended", what)
		case <-limit.C:
			t.Fatalf("%s: no ack came", what)
		}
	}
}

// sendsAreAnsweredInTime sends many messages at once on one line. Every one has to be
// answered in the time that one may take.
func (c *company) sendsAreAnsweredInTime(t testing.TB) {
	acks := make(chan reply, 30)
	for i := range cap(acks) {
		c.say(fmt.Sprint("meanwhile", i), fmt.Sprint("says meanwhile", i), func(r reply) { acks <- r })
	}
	limit := time.NewTimer(answerLimit)
	defer limit.Stop()
	for i := range cap(acks) {
		select {
		case r := <-acks:
			if r.Success || (r.Code != "unavailable" && r.Code != "busy") {
				t.Errorf("a send without a database is answered by %+v", r)
			}
		case <-c.sender.ended:
			t.Error("a line ended for its sends")
			return
		case <-limit.C:
			t.Errorf("only %d of %d sends were answered within %v", i, cap(acks), answerLimit)
			return
		}
	}
}

// fetchesAreAnsweredInTime asks for pages. Without one the server may also drop the line,
// which makes a client come back for it.
func (c *company) fetchesAreAnsweredInTime(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	payloads := []obj{{"ChatId": c.chat, "Before": 3}, {"ChatId": c.chat}}
	var all sync.WaitGroup
	for i, l := range c.readers {
		all.Go(func() {
			r, err := l.ask(ctx, "fetch-personal-chat", payloads[i])
			if ctx.Err() != nil || (err == nil && r.Success) || errors.Is(err, errSentAway) {
				t.Errorf("a fetch without a database: %+v, %v", r, err)
			}
		})
	}
	all.Wait()
}

// nobodyIsSentAway connects anew. Nobody can be let in, and nobody may be told to stay out.
func (c *company) nobodyIsSentAway(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*answerLimit)
	defer cancel()
	var tries sync.WaitGroup
	for range 5 {
		tries.Go(func() {
			l, err := dialLine(ctx, c.s, c.ben, nil)
			if err == nil {
				l.cut()
			}
			if err == nil || err.Error() != errLineEnded.Error() {
				t.Errorf("a connection without a database: %v, want it dropped", err)
			}
		})
	}
	tries.Wait()
}

// restIsUnavailable asks for what needs the database.
func (c *company) restIsUnavailable(t testing.TB) {
	requests := map[string]func(context.Context) (answer, error){
		"login": func(ctx context.Context) (answer, error) {
			return c.s.request(ctx, http.MethodPost, "/login", obj{"email": c.ana.email, "password": password})
		},
		"signup": func(ctx context.Context) (answer, error) {
			return c.s.request(ctx, http.MethodPost, "/signup", obj{"name": "Zoe", "email": "zoe@example.org", "password": password})
		},
		"resend": func(ctx context.Context) (answer, error) {
			return c.s.request(ctx, http.MethodPost, "/resend", obj{"email": c.ana.email})
		},
		"verify": func(ctx context.Context) (answer, error) {
			return c.s.request(ctx, http.MethodGet, verifyPath(c.ana.email, "123456", "app"), nil)
		},
		"update": func(ctx context.Context) (answer, error) {
			return c.s.request(ctx, http.MethodPost, "/update-access-token",
				obj{"accessToken": c.ana.access}, cookies(c.ana.access, c.ana.refresh))
		},
	}
	var all sync.WaitGroup
	for name, request := range requests {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
			defer cancel()
			a, err := request(ctx)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			a.says(t, http.StatusServiceUnavailable, -1)
			a.setsNothing(t)
		})
	}
	all.Wait()
}

// healthIsTold looks at what a supervisor looks at.
func (c *company) healthIsTold(t testing.TB) {
	for path, want := range map[string]int{"/readyz": http.StatusServiceUnavailable, "/healthz": http.StatusOK} {
		ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
		if a, err := c.s.request(ctx, http.MethodGet, path, nil); err != nil || a.status != want {
			t.Errorf("%s: status %d, want %d: %v", path, a.status, want, err)
		}
		cancel()
	}
}

// awaitReady waits for the server to be ready, which nobody has to help it with.
func (c *company) awaitReady(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := poll(ctx, "the server to be ready", func() (bool, error) {
		a, err := c.s.request(ctx, http.MethodGet, "/readyz", nil)
		return a.status == http.StatusOK, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// comesBack looks at the server that is ready again. What was refused is said again under
// the same ClientId: all of it is there once, and Ben has heard it once, in order.
func (c *company) comesBack(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.talk(t, "after")
	c.mu.Lock()
	said := slices.Clone(c.said)
	c.mu.Unlock()
	for _, one := range said {
		r := c.sender.must(t, "send-personal-message", c.payload(one))
		if one.ack.Success && (r.ID != one.ack.ID || r.Seq != one.ack.Seq) {
			t.Errorf("%s was acked as %+v and is %+v", one.id, one.ack, r)
		}
	}
	select {
	case <-c.receiver.ended:
		t.Error("the line of somebody who only listened has ended")
	default:
	}
	if err := c.heard.await(ctx, len(said)); err != nil {
		t.Errorf("Ben: %v", err)
	}
	live := c.heard.take()
	w := newWitness(t, c.s, c.ben)
	all := w.everything(t, &talk{id: c.chat, kind: "personal", first: 1})
	times := map[string]int{}
	for _, m := range all {
		times[m.Content]++
	}
	for _, one := range said {
		if n := times[one.content]; n != 1 {
			t.Errorf("%s is stored %d times", one.id, n)
		}
	}
	if len(all) != len(said) || len(live) != len(all) {
		t.Errorf("%d messages are stored and Ben heard %d, of %d", len(all), len(live), len(said))
	}
	for i := range min(len(all), len(live)) {
		if all[i].message != live[i] {
			t.Errorf("place %d has %+v and Ben heard %+v", i, all[i].message, live[i])
		}
	}
}

// logged is how long the server's log is.
func (s *server) logged(t testing.TB) int {
	t.Helper()
	return len(readFile(t, s.logPath()))
}
