package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is what one test plays in: some users, each with one or more tabs. Everybody
// in it is new, so tests never meet.
type world struct {
	t     testing.TB // the test that is running right now
	s     *server
	next  func() style
	users map[string]*user
	tabs  []*tab // in order of opening
}

// newWorld makes a world on the shared server: one tab for each word of crowd, which
// are first names. "ana ana ben" is Ana with two tabs, and Ben.
func newWorld(t *testing.T, crowd string) *world {
	t.Helper()
	return newWorldOn(t, shared.server, crowd)
}

func newWorldOn(t *testing.T, s *server, crowd string) *world {
	t.Helper()
	w := &world{t: t, s: s, next: rotation(t.Name()), users: map[string]*user{}}
	names := strings.Fields(crowd)
	w.signUp(names...)
	for _, name := range names {
		w.open(name)
	}
	return w
}

// signUp makes users, at the same time, as each waits for a mail. Who is here already
// is left alone.
func (w *world) signUp(names ...string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	var missing []string
	for _, name := range names {
		if w.users[name] == nil && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	users := make([]*user, len(missing))
	errs := make([]error, len(missing))
	var wg sync.WaitGroup
	for i, name := range missing {
		wg.Go(func() { users[i], errs[i] = signUp(ctx, w.s, strings.ToUpper(name[:1])+name[1:]) })
	}
	wg.Wait()
	for i, name := range missing {
		if errs[i] != nil {
			w.t.Fatal(errs[i])
		}
		w.users[name] = users[i]
	}
}

// row runs one row of the protocol as a test of its own.
func (w *world) row(name string, play func()) {
	outer, ok := w.t.(*testing.T)
	if !ok {
		w.t.Fatalf("rows can't be nested in %T", w.t)
	}
	outer.Run(name, func(t *testing.T) {
		w.t = t
		defer func() { w.t = outer }()
		play()
	})
}

// of are somebody's tabs, in order of opening.
func (w *world) of(name string) []*tab {
	var tabs []*tab
	for _, c := range w.tabs {
		if c.user == w.users[name] {
			tabs = append(tabs, c)
		}
	}
	return tabs
}

// open opens one more tab of somebody, in the next style, and waits for its lists.
func (w *world) open(name string) *tab {
	w.t.Helper()
	return w.openAs(name, w.next())
}

func (w *world) openAs(name string, how style) *tab {
	w.t.Helper()
	u := w.users[name]
	label := fmt.Sprintf("%s[%d]", name, len(w.of(name)))
	c := w.dial(label, u, how, how.options(u.access, u.refresh))
	for tries := 0; how.client == goNewest && how.transport == pollingFirst && tries < 5; tries++ {
		if c.upgradesSoon() {
			break
		}
		c.close()
		c = w.dial(label, u, how, how.options(u.access, u.refresh))
	}
	w.tabs = append(w.tabs, c)
	u.id, _ = c.await("user-id")["userId"].(string)
	c.await("presence")
	c.forget()
	return c
}

// upgradesSoon is whether a Go client gets from polling to a websocket. It sends its
// probe before it listens for the answer, and where it misses that it stays with
// polling, over which it writes nothing while a poll is open: one has to dial again.
func (c *tab) upgradesSoon() bool {
	_, err := c.findWithin(3*time.Second, "an upgrade", func(log []signal) int {
		return indexFrom(log, 0, func(s signal) bool { return s.Kind == sawUpgrade })
	})
	return err == nil
}

// dial opens a socket that is in nobody's expectations yet, and waits for nothing. It
// is closed at the end of the row, or of the test, that opened it.
func (w *world) dial(label string, u *user, how style, o options) *tab {
	w.t.Helper()
	c := &tab{w: w, user: u, label: label, style: how, changed: make(chan struct{})}
	conn, err := shared.bridges[how.client].open(how.client, w.s.url, o, c.saw)
	if err != nil {
		w.t.Fatalf("open a socket for %s: %v", c, err)
	}
	c.conn = conn
	w.t.Cleanup(c.close)
	return c
}

// personalChat makes the personal chat of two users and returns its id.
func (w *world) personalChat(by *tab, with string) string {
	w.t.Helper()
	a := by.must("create-personal-chat", obj{
		"Receiver": w.users[with].id, "Partner": w.users[with].name, "UserName": by.user.name,
	})
	created := by.await("create-personal-chat-creator")
	id, _ := created["ChatId"].(string)
	if id == "" || a["success"] != true {
		w.t.Fatalf("no chat was made: %v %v", a, created)
	}
	w.settle()
	w.forget()
	return id
}

// group makes a group and returns its id.
func (w *world) group(by *tab, name string, others ...string) string {
	w.t.Helper()
	by.must("create-group-chat", obj{"Name": name, "Description": "what we do", "Participants": w.ids(others...)})
	id, _ := by.await("create-group-chat-creator")["GroupId"].(string)
	if id == "" {
		w.t.Fatal("a group without an id")
	}
	w.settle()
	w.forget()
	return id
}

// ids are the users' ids.
func (w *world) ids(names ...string) list {
	ids := list{}
	for _, name := range names {
		ids = append(ids, w.users[name].id)
	}
	return ids
}

// say sends a message and returns its ack.
func (w *world) say(by *tab, event, chat, content string) obj {
	w.t.Helper()
	return by.must(event, obj{"ChatId": chat, "GroupId": chat, "Content": content})
}

// forget makes everything so far old news for every tab.
func (w *world) forget() {
	for _, c := range w.tabs {
		c.forget()
	}
}

// received is an event as it came, or is expected to come.
type received struct {
	event   string
	payload any
}

// got is an event that is expected.
func got(event string, payload obj) received { return received{event, payload} }

func (r received) String() string {
	body, err := json.Marshal(r.payload)
	if err != nil {
		return fmt.Sprintf("%s %v", r.event, r.payload)
	}
	return fmt.Sprintf("%s %.400s", r.event, withoutTokens(string(body)))
}

// MarshalText names a rule in a failure message.
func (r rule) MarshalText() ([]byte, error) { return []byte("<" + r.says + ">"), nil }

// receivedOf decodes a signal; what is not an event stands for itself.
func receivedOf(s signal) received {
	if s.Kind != sawEvent {
		return received{s.Kind, s.Text}
	}
	payload, err := onePayload(s)
	if err != nil {
		return received{s.Event, err.Error()}
	}
	return received{s.Event, payload}
}
