package expresschat_test

import (
	"fmt"
	"testing"
)

// stall keeps a part of the bus from going on until release is called.
func (h *house) stall(part int) (release func()) {
	stalled, goOn := make(chan struct{}), make(chan struct{})
	h.bus.Do(part, func() {
		close(stalled)
		<-goOn
	})
	<-stalled
	return func() { close(goOn) }
}

// pass returns when a part of the bus has done all that it was given before.
func (h *house) pass(part int) { h.bus.Await(part, func() {}) }

// A name can change behind the lists of a connection, before it sits in the rooms in which
// that name is shown.
func TestANameThatChangesWhileAConnectionArrives(t *testing.T) {
	w := newWorld(t)
	ana, zoe := w.person("Ana"), w.person("Zoe")
	a := w.enter("Ana", ana)
	// The chat's part of the bus has to be another one than the partner's.
	ben := w.person("Ben")
	part := w.bus.Part(string(ben.id))
	room := w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	for w.bus.Part(room) == part {
		ben = w.person("Ben")
		part = w.bus.Part(string(ben.id))
		room = w.done(a.emit("create-personal-chat", object{"Receiver": ben.id}))["ChatId"].(string)
	}
	w.forget()
	rename := func(name string) {
		t.Helper()
		_, err := w.auth.Rename(t.Context(), ben.id, name)
		w.must(err)
	}
	told := func(c *client) (names []string) {
		for _, e := range c.all() {
			if e.name == "name-changed" && e.arg["User"] == string(ben.id) {
				names = append(names, e.arg["Name"].(string))
			}
		}
		return names
	}

	release := w.stall(w.bus.Part(room))
	b, z := w.connect(ana), w.connect(zoe)
	b.first("presence")
	z.first("presence")
	rename("Benno")
	w.pass(part)
	if got := told(b); len(got) > 0 {
		t.Errorf("told of %v before it has arrived", got)
	}
	release()
	b.roundtrip()
	rename("Benjamin")
	w.settle()
	for _, c := range []*client{b, z} {
		c.roundtrip()
	}
	if got := told(b); len(got) != 2 || got[0] != "Benno" || got[1] != "Benjamin" {
		t.Errorf("told of %v", got)
	}
	if got := told(z); len(got) > 0 {
		t.Errorf("a stranger was told of %v", got)
	}
	if list := b.first("personal-chat-list").arg["PersonalChatList"].([]any); list[0].(map[string]any)["Partner"] != "Ben" {
		t.Errorf("the list came late: %v", list)
	}
}

// Of two who rename one user at once, the name that is kept is told of last.
func TestTheNameThatIsKeptIsToldOfLast(t *testing.T) {
	w := newWorld(t)
	ana := w.person("Ana")
	a, other := w.enter("Ana", ana), w.enter("Ana"+otherTab, ana)
	var acks []func() map[string]any
	for i := range 40 {
		c := []*client{a, other}[i%2]
		acks = append(acks, c.emit("change-name", object{"Name": fmt.Sprint("name ", i)}))
	}
	for _, ack := range acks {
		w.done(ack)
	}
	w.settle()
	u, err := w.store.Person(t.Context(), ana.id)
	w.must(err)
	for name, c := range w.sockets {
		last := ""
		for _, e := range c.all() {
			if e.name == "name-changed" {
				last = e.arg["Name"].(string)
			}
		}
		if last != u.Name {
			t.Errorf("%s was told %q last, kept is %q", name, last, u.Name)
		}
		w.done(c.emit("fetch-self-chat", object{}))
		if got := c.first("self-chat").arg["Name"]; got != u.Name {
			t.Errorf("%s is %v", name, got)
		}
	}
}
