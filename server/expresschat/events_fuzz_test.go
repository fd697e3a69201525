package expresschat_test

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/socketio"
)

// payloads are what no client puts into an event, whatever the event. What begins with $
// stands for an id, see fuzzed.known.
var payloads = []string{
	"", "null", "5", "1e999", "true", `"x"`, "[]", "[{}]", `{"":null}`, "nonsense", `{"Name":`, "\xff", "\x00",
	strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
	`{"__proto__":{"ChatId":"$personal"},"constructor":{"prototype":{}},"toString":1}`,
	`{"ChatId":"$theirs","GroupId":"$theirs","Member":"$me","Receiver":"$ben","Content":"x","Name":"x","Status":"typing"}`,
	`{"GroupId":"$group","GroupId":"$theirs","ChatId":"$between","chatid":"$theirs","Member":"$ben","Content":"x","Seq":1}`,
	`{"ChatId":["$theirs"],"GroupId":{"x":"$theirs"},"Member":["$me"],"Content":["x"],"Name":{},"Type":[],"Seq":"1"}`,
}

// oddValues are values for one field, as JSON.
var oddValues = []string{
	`"a\u0000b"`, `"\ud800"`, `"\u202e\u2066x"`, "\"\xff\xfe\"", "9223372036854775808", "1e999", "-1", `{"x":[]}`,
	`"` + strings.Repeat("x", 16<<10+1) + `"`, `"%' OR 1=1; --\\"`,
}

// goods are arguments that mean something.
var goods = map[string]string{
	"fetch-user-details": `{}`, "search-user": `{"Name":"b","Type":"Search"}`, "fetch-self-chat": `{"Limit":5}`,
	"send-self-message": `{"Content":"x","ClientId":"1"}`, "check-chat": `{"Receiver":"$partner"}`,
	"create-personal-chat": `{"Receiver":"$partner"}`, "fetch-personal-chat": `{"ChatId":"$personal","Before":9}`,
	"send-personal-message": `{"ChatId":"$personal","Content":"x"}`, "read-personal-message": `{"ChatId":"$personal","Seq":1}`,
	"create-group-chat": `{"Name":"g","Description":"","Participants":["$partner"]}`,
	"fetch-group-chat":  `{"GroupId":"$group","After":0}`, "send-group-message": `{"GroupId":"$group","Content":"x"}`,
	"read-group-message": `{"GroupId":"$group"}`, "add-member": `{"GroupId":"$group","Member":"$ben"}`,
	"kickout": `{"GroupId":"$group","Member":"$partner"}`, "change-admin": `{"GroupId":"$group","Member":"$partner"}`,
	"leave-grp": `{"GroupId":"$group"}`, "delete-grp": `{"GroupId":"$group"}`,
	"typing": `{"ChatId":"$group","Status":"typing"}`, "change-name": `{"Name":"Me"}`,
}

// changing are those after which the group may be another.
var changing = []string{"add-member", "kickout", "change-admin", "leave-grp", "delete-grp"}

// Whatever an event carries, it has one outcome, which is no failure of ours; it changes
// nothing where its sender is not in, nobody there hears of it, and the next event is
// handled as ever.
func FuzzEvents(f *testing.F) {
	w := newFuzzed(f)
	for i, event := range w.events {
		f.Add(event, goods[event], true)
		f.Add(event, goods[event], false)
		for _, p := range payloads {
			f.Add(event, p, true)
		}
		for j, in := range inputs[event] {
			for k := range 4 { // another four for each field
				f.Add(event, `{"GroupId":"$group","ChatId":"$group","Status":"typing",`+toJSON(f, in.key)+":"+oddValues[(4*(i+j)+k)%len(oddValues)]+"}", k%2 == 0)
			}
		}
	}
	f.Fuzz(func(t *testing.T, event, payload string, wantAck bool) {
		w.check(t, w.eventOf(event), w.filled(payload), wantAck)
	})
}

// fuzzed is somebody with a chat of each kind, and two others whose chats are no business
// of theirs.
type fuzzed struct {
	*house
	db     doortest.Database
	direct *doortest.Direct
	events []string

	me      *doortest.DirectSocket
	sockets map[string]*doortest.DirectSocket // whose they are
	known   map[string]string                 // ids by what stands for them
	theirs  []string                          // rooms that I am not in
	others  string                            // what those rooms are like
}

func newFuzzed(f *testing.F) *fuzzed {
	w := &fuzzed{direct: doortest.NewDirect(), sockets: map[string]*doortest.DirectSocket{}, known: map[string]string{}}
	w.house = openHouse(f, doortest.Plan{})
	w.must(server.Open(w.direct, "/", w.door.Dialect())) // in place of the engine that has a wire
	f.Cleanup(w.direct.Leave)
	w.db, w.events = doortest.Connect(f, w.database), w.door.Events()
	if listed := slices.Sorted(maps.Keys(goods)); !slices.Equal(listed, w.events) {
		f.Fatalf("the table lists %v, the door takes %v", listed, w.events)
	}
	for _, name := range []string{"me", "partner", "ben", "cleo"} {
		p := w.person(name)
		s, err := w.direct.Connect(f.Context(), "/", socketio.Handshake{
			Query: url.Values{"accessToken": {p.tokens.Access}, "refreshToken": {p.tokens.Refresh}}, Revision: 4,
		})
		w.must(err)
		w.sockets[name], w.known["$"+name] = s, string(p.id)
	}
	w.me = w.sockets["me"]
	w.known["$personal"] = w.make("me", "create-personal-chat", `{"Receiver":"$partner"}`)
	w.known["$between"] = w.make("ben", "create-personal-chat", `{"Receiver":"$cleo"}`)
	w.known["$theirs"] = w.make("ben", "create-group-chat", `{"Name":"theirs","Participants":["$cleo"]}`)
	w.theirs = []string{w.known["$between"], w.known["$theirs"], w.known["$ben"], w.known["$cleo"]}
	w.newGroup()
	w.others = w.look()
	w.forget()
	return w
}

// make has somebody make a chat, and returns its id.
func (w *fuzzed) make(by, event, arg string) string {
	w.Helper()
	var made struct {
		ChatID string `json:"ChatId"`
	}
	acks := w.sockets[by].Say(w.Context(), event, w.filled(arg), true)
	if len(acks) != 1 || json.Unmarshal([]byte(acks[0]), &made) != nil || made.ChatID == "" {
		w.Fatalf("%s: %v", event, acks)
	}
	return made.ChatID
}

// newGroup makes the group that I own: an event may have ended the last one.
func (w *fuzzed) newGroup() {
	w.known["$group"] = w.make("me", "create-group-chat", `{"Name":"g","Participants":["$partner"]}`)
}

// eventOf is an event of the door for any name, so that none is tried in vain.
func (w *fuzzed) eventOf(name string) string {
	if slices.Contains(w.events, name) {
		return name
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))
	return w.events[int(sum.Sum32())%len(w.events)]
}

func (w *fuzzed) filled(payload string) string {
	if !strings.Contains(payload, "$") {
		return payload
	}
	for name, id := range w.known {
		payload = strings.ReplaceAll(payload, name, id)
	}
	return payload
}

// tellAll returns when all that happened is told.
func (w *fuzzed) tellAll() {
	for part := range w.bus.Parts() {
		w.bus.Await(part, func() {})
	}
}

// forget makes it old.
func (w *fuzzed) forget() {
	w.tellAll()
	for _, s := range w.sockets {
		s.Fresh()
	}
}

// look is a digest of the rooms that I am not in, and of who else there is.
func (w *fuzzed) look() (digest string) {
	w.Helper()
	const question = `
		SELECT md5(concat(
			(SELECT string_agg(r::text, ',' ORDER BY id) FROM rooms r WHERE id::text = ANY($1)),
			(SELECT string_agg(m::text, ',' ORDER BY room_id, user_id) FROM members m WHERE room_id::text = ANY($1)),
			(SELECT string_agg(m::text, ',' ORDER BY room_id, seq) FROM messages m WHERE room_id = ANY($1::text[]::uuid[])),
			(SELECT string_agg(concat(id, name, email), ',' ORDER BY id) FROM users WHERE id::text <> $2)))`
	w.must(w.db.QueryRow(w.Context(), question, w.theirs, w.known["$me"]).Scan(&digest))
	return digest
}

func (w *fuzzed) check(t *testing.T, event, payload string, wantAck bool) {
	w.T = t // what a target was given may not be used while it runs
	acks := w.me.Say(t.Context(), event, payload, wantAck)
	w.tellAll()
	ok := w.checkOutcome(t, event, acks, wantAck)
	w.checkHeard(t)
	if got := w.look(); got != w.others {
		t.Errorf("%s changed what its sender is not in", event)
	}
	if again := w.me.Say(t.Context(), "search-user", `{"Type":"none"}`, true); len(again) != 1 || again[0] != `{"success":true}` {
		t.Errorf("after %s, another event is answered by %q", event, again)
	}
	if odd := w.direct.Odd(); len(odd) > 0 {
		t.Errorf("sent what is no JSON: %q", odd)
	}
	if ok && slices.Contains(changing, event) {
		w.newGroup()
		w.forget()
	}
}

// checkOutcome returns whether the event may have been carried out.
func (w *fuzzed) checkOutcome(t *testing.T, event string, acks []string, wantAck bool) bool {
	heard := w.me.Fresh()
	failed := slices.DeleteFunc(slices.Clone(heard), func(h doortest.Heard) bool {
		return h.Event != "chat-error" && !strings.HasSuffix(h.Event, "-fail")
	})
	var got answer
	switch {
	case !wantAck && len(acks) == 0 && len(failed) == 0:
		return true
	case !wantAck && len(acks) == 0 && len(failed) == 1 && json.Unmarshal([]byte(failed[0].Arg), &got) == nil:
		if got.Code == "internal" || got.Message+got.Text == "" {
			t.Errorf("%s failed by %v", event, failed)
		}
		return false
	case wantAck && len(acks) == 1 && json.Unmarshal([]byte(acks[0]), &got) == nil && got.Success != nil:
		if !*got.Success && (got.Code == "" || got.Code == "internal") {
			t.Errorf("%s is acked by %s", event, acks[0])
		}
		return *got.Success
	}
	t.Errorf("%s (ack wanted: %v) is acked by %q and heard %v", event, wantAck, acks, failed)
	return true
}

// checkHeard fails the test if anybody has heard of a room that I am not in.
func (w *fuzzed) checkHeard(t *testing.T) {
	for name, s := range w.sockets {
		if why := s.Ended(); why != "" {
			t.Fatalf("the connection of %s ended: %s", name, why)
		}
		for _, h := range s.Fresh() {
			var of struct {
				Chat  string `json:"ChatId"`
				Group string `json:"GroupId"`
			}
			_ = json.Unmarshal([]byte(h.Arg), &of)
			if slices.Contains(w.theirs, of.Chat) || slices.Contains(w.theirs, of.Group) {
				t.Errorf("%s has heard %s %.200s", name, h.Event, h.Arg)
			}
		}
	}
}
