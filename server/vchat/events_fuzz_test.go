package vchat_test

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"expresschat/server/limits"

	"expresschat/auth"
	"expresschat/server"
	"expresschat/server/doortest"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// payloads are for all events. What begins with $ stands for an id, see fuzzed.known.
var payloads = []string{
	"", "null", "5", "1e999", "true", `"x"`, `""`, "[]", "[{}]", "nonsense", `{"status":`, `"`, "\xff", "\x00", "\"\xff\"",
	`"\u0000"`, `"\ud800"`, `"\u202e"`, "9223372036854775808", `"` + strings.Repeat("x", 16<<10+1) + `"`,
	strings.Repeat("[", 9000) + strings.Repeat("]", 9000), strings.Repeat(`{"roomId":`, 9000) + "1" + strings.Repeat("}", 9000),
	`"join"`, `"$group"`, `"$single"`, `"$theirs"`, `"$between"`, `"$me"`, `"$ben"`, `"$group "`, `["$theirs"]`, `{"$theirs":"$theirs"}`,
	`{"status":"typing","name":"x","roomId":"$group"}`, `{"status":"stop","roomId":"$single"}`, `{"status":"recording","roomId":"$theirs"}`,
	`{"status":"typing","roomId":["$theirs"]}`, `{"status":{"x":1},"roomId":"$group"}`, `{"status":"TYPING","roomId":"$group"}`,
	`{"status":"typing","roomId":"$group","roomId":"$theirs"}`, `{"status":"typing","ROOMID":"$between"}`,
	`{"__proto__":{"roomId":"$group"},"constructor":{"prototype":{}},"status":"typing"}`,
}

// Whatever an event carries, it has one outcome, which is no failure of ours; it changes
// nothing where its sender is not in, nobody there hears of it, and the next event is
// handled as ever.
func FuzzEvents(f *testing.F) {
	w := newFuzzed(f)
	for i, event := range fuzzedEvents {
		for j, p := range payloads {
			f.Add(event, p, (i+j)%3 != 0)
		}
	}
	f.Fuzz(func(t *testing.T, event, payload string, wantAck bool) {
		w.check(t, eventOf(event), w.filled(payload), wantAck)
	})
}

// fuzzedEvents is namespace and name of all.
var fuzzedEvents = []string{"/ join", "/ typing_changed", "/message join"}

// fuzzed is somebody with a room of each kind, and two others whose rooms are no business
// of theirs.
type fuzzed struct {
	*house
	db      doortest.Database
	direct  *doortest.Direct
	sockets map[string]*doortest.DirectSocket // namespace and whose they are
	known   map[string]string                 // ids by what stands for them
	theirs  []string                          // rooms that I am not in
	others  string                            // what those rooms are like
}

func newFuzzed(f *testing.F) *fuzzed {
	w := &fuzzed{direct: doortest.NewDirect(), sockets: map[string]*doortest.DirectSocket{}, known: map[string]string{}}
	w.house = openHouse(f, doortest.Plan{Admission: auth.AdmitAnybody}, limits.NewUsers(false))
	w.must(server.Open(w.direct, "/", w.door.Dialect())) // in place of the engine that has a wire
	w.must(server.Open(w.direct, "/message", w.door.MessageDialect()))
	f.Cleanup(w.direct.Leave)
	w.db = doortest.Connect(f, w.database)
	var taken []string
	for name := range w.door.Dialect().Handlers {
		taken = append(taken, "/ "+name)
	}
	for name := range w.door.MessageDialect().Handlers {
		taken = append(taken, "/message "+name)
	}
	sameNames(f, fuzzedEvents, taken)
	people := map[string]person{}
	for _, name := range []string{"me", "partner", "ben", "cleo"} {
		p := w.person(name)
		people[name], w.known["$"+name] = p, string(p.id)
		for _, ns := range []string{"/", "/message"} {
			s, err := w.direct.Connect(f.Context(), ns, socketio.Handshake{Header: http.Header{"Authorization": {p.token}}, Revision: 4, Conn: name})
			w.must(err)
			w.sockets[ns+" "+name] = s
		}
	}
	w.known["$single"] = w.single(people["me"], people["partner"], "first").text("_id")
	w.known["$group"] = w.group(people["me"], people["partner"]).text("_id")
	w.known["$between"] = w.single(people["ben"], people["cleo"], "first").text("_id")
	w.known["$theirs"] = w.group(people["ben"], people["cleo"]).text("_id")
	w.theirs = []string{w.known["$between"], w.known["$theirs"]}
	w.told()
	for _, s := range w.sockets {
		s.Fresh()
	}
	w.others = w.look()
	return w
}

// eventOf is an event of the door for any name, so that none is tried in vain.
func eventOf(name string) string {
	if slices.Contains(fuzzedEvents, name) {
		return name
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))
	return fuzzedEvents[int(sum.Sum32())%len(fuzzedEvents)]
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

// told returns when all is told that comes of what happened.
func (w *fuzzed) told() {
	for range 2 { // a reading leads to an update
		w.handOver()
		w.door.Quiet()
	}
	w.handOver()
}

// look is a digest of the rooms that I am not in, and of who else there is.
func (w *fuzzed) look() (digest string) {
	w.Helper()
	const question = `
		SELECT md5(concat(
			(SELECT string_agg(r::text, ',' ORDER BY id) FROM rooms r WHERE id = ANY($1::text[]::uuid[])),
			(SELECT string_agg(m::text, ',' ORDER BY room_id, user_id) FROM members m WHERE room_id = ANY($1::text[]::uuid[])),
			(SELECT string_agg(m::text, ',' ORDER BY room_id, seq) FROM messages m WHERE room_id = ANY($1::text[]::uuid[])),
			(SELECT string_agg(concat(id, name, email), ',' ORDER BY id) FROM users WHERE id::text <> $2)))`
	w.must(w.db.QueryRow(w.Context(), question, w.theirs, w.known["$me"]).Scan(&digest))
	return digest
}

func (w *fuzzed) check(t *testing.T, event, payload string, wantAck bool) {
	w.T = t // what a target was given may not be used while it runs
	ns, name, _ := strings.Cut(event, " ")
	me := w.sockets[ns+" me"]
	acks := me.Say(t.Context(), name, payload, wantAck)
	w.told()
	checkAcks(t, event, acks, wantAck)
	w.checkHeard(t)
	if got := w.look(); got != w.others {
		t.Errorf("%s changed what its sender is not in", event)
	}
	again := me.Say(t.Context(), name, toJSON(t, map[string]string{"/": "join", "/message": w.known["$group"]}[ns]), true)
	if name == "join" && (len(again) != 1 || !strings.HasPrefix(again[0], `{"success":true,`)) {
		t.Errorf("after %s, a join is answered by %q", event, again)
	}
	if odd := w.direct.Odd(); len(odd) > 0 {
		t.Errorf("sent what is no JSON: %q", odd)
	}
}

func checkAcks(t *testing.T, event string, acks []string, wantAck bool) {
	if !wantAck {
		if len(acks) > 0 {
			t.Errorf("%s is acked by %q, and wanted none", event, acks)
		}
		return
	}
	var got struct {
		Success *bool
		Data    json.RawMessage
	}
	if len(acks) != 1 || json.Unmarshal([]byte(acks[0]), &got) != nil || got.Success == nil || len(got.Data) == 0 ||
		!*got.Success && string(got.Data) == toJSON(t, problem.Internal.Text) {
		t.Errorf("%s is acked by %q", event, acks)
	}
}

// checkHeard fails the test if anybody has heard of a room that I am not in.
func (w *fuzzed) checkHeard(t *testing.T) {
	for who, s := range w.sockets {
		if why := s.Ended(); why != "" {
			t.Fatalf("the connection %s ended: %s", who, why)
		}
		for _, h := range s.Fresh() {
			if slices.ContainsFunc(w.theirs, func(room string) bool { return strings.Contains(h.Arg, room) }) {
				t.Errorf("%s has heard %s %.200s", who, h.Event, h.Arg)
			}
		}
	}
}
