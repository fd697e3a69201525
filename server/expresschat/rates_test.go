package expresschat_test

import (
	"testing"

	"expresschat/server/expresschat"
	"expresschat/server/limits"
)

// paced has a house refuse floods.
func paced(p *expresschat.Parts) { p.Users = limits.NewUsers(true) }

// Who asks for too much is told so, by an ack or, a few times a second, by an event; what is
// refused does nothing.
func TestRates(t *testing.T) {
	w := newWorld(t, paced)
	ana := w.enter("ana", w.person("Ana"))
	refused := ana.drain()
	if refused["code"] != "rate-limited" || refused["retryAfter"].(float64) < 1 || refused["success"] != false || refused["message"] == "" {
		t.Errorf("refused by %v", refused)
	}
	before := w.rows()
	const flood = 2000
	for range flood {
		ana.say("send-self-message", `{"Content":"x"}`, false)
	}
	ana.overheard()
	ana.emit("read-personal-message", object{})() // behind all of them
	told := 0
	for _, e := range ana.all() {
		if e.name == "chat-error" && e.arg["code"] == "rate-limited" && e.arg["event"] == "send-self-message" {
			told++
		}
	}
	if told == 0 || told > flood/10 {
		t.Errorf("of %d refusals %d are told", flood, told)
	}
	if after := w.rows(); after["sessions"] != before["sessions"] {
		t.Error("what is refused changes something")
	}
}

// drain asks until it is refused, and returns how.
func (c *client) drain() map[string]any {
	c.Helper()
	for {
		if got := c.emit("change-name", object{"Name": "Ana"})(); got["success"] != true {
			return got
		}
	}
}

// Events that have a fail event of their own do not make a flood of those.
func TestRatesOfFailEvents(t *testing.T) {
	w := newWorld(t, paced)
	ana := w.enter("ana", w.person("Ana"))
	const flood = 400
	for range flood {
		ana.say("leave-grp", `{"GroupId":"x"}`, false)
	}
	ana.overheard()
	ana.emit("typing", object{})()
	told := 0
	for _, e := range ana.all() {
		if e.name == "group-left-fail" && e.arg["Message"] == "Too much at a time, wait a little" {
			told++
		}
	}
	if told == 0 || told > flood/4 {
		t.Errorf("%d are told", told)
	}
}

// The last socket that one may have works, the next one is told why it may not stay, and its
// place is free again when another has gone.
func TestTooManySockets(t *testing.T) {
	users := limits.NewUsers(false)
	h := newHouse(t, func(p *expresschat.Parts) { p.Users = users })
	ana := h.person("Ana")
	for range limits.MaxSockets - 1 {
		users.Enter(string(ana.id))
	}
	last := h.connect(ana)
	last.roundtrip()
	tooMany := h.connect(ana)
	tooMany.emit("search-user", object{"Type": "none"})
	tooMany.ended()
	told := tooMany.all()
	if len(told) != 1 || told[0].name != "chat-error" || told[0].arg["code"] != "too-many-connections" || told[0].arg["event"] != "connect" {
		t.Errorf("told %v", told)
	}
	if !tooMany.sentAway() {
		t.Error("it would come back")
	}
	_ = last.ws.CloseNow()
	for users.Full(string(ana.id)) { // until that is noticed
		h.pass(0)
	}
	h.connect(ana).roundtrip()
}

// Of searches that come faster than they are answered the newest is answered; nothing waits
// for them; and what was replaced is told by an ack, and by no event.
func TestSearchesAreCoalesced(t *testing.T) {
	w := newWorld(t)
	ana := w.enter("ana", w.person("Ana"))
	ben := w.person("Ben")
	w.forget()
	tx, err := w.db.Begin(t.Context())
	w.must(err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE users IN ACCESS EXCLUSIVE MODE`)
	w.must(err)
	find := func(name string) func() map[string]any {
		return ana.emit("search-user", object{"Name": name, "Type": "Search"})
	}
	first := find("B")
	ana.say("search-user", `{"Name":"Be","Type":"Search"}`, false)
	replaced := find("Ben ")
	newest := find("Ben")
	if got := replaced(); got["code"] != "superseded" || got["success"] != false {
		t.Errorf("what was replaced is answered by %v", got)
	}
	ana.roundtrip() // while the first one runs
	w.must(tx.Rollback(t.Context()))
	w.done(first)
	w.done(newest)
	var found []string
	for _, e := range w.news()["ana"] {
		if e.name != "searched-user" {
			t.Errorf("told %s", e.raw)
			continue
		}
		for _, u := range e.arg["Users"].([]any) {
			found = append(found, u.(map[string]any)["_id"].(string))
		}
	}
	if len(found) != 2 || found[0] != string(ben.id) || found[1] != string(ben.id) {
		t.Errorf("found %v, want Ben twice", found)
	}
	w.done(find("Ben")) // and then it begins anew
}
