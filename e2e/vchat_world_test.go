package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// digest is everybody's password as VChat's apps send it.
const digest = "b109f3bbbc244eb82441917ed06d618b9008dd09b3befd1b5e07394c706a8bb980b1d7785e5976ec049b46df5f1326af5a2ea6d103fd07c95385ffab0cacbc86"

// Places where a VChat token is.
const (
	inHeader    = "header"
	inAuthToken = "auth.token"
)

// appStyles are how VChat's clients connect: over a websocket and nothing else.
func appStyles() []style {
	return []style{
		{node2, websocketOnly, inHeader}, // as the SDK does
		{nodeNewest, websocketOnly, inAuthToken},
		{python, websocketOnly, inHeader},
	}
}

// inEveryApp plays a story with each of the clients.
func inEveryApp(t *testing.T, story func(t *testing.T, how style)) {
	t.Helper()
	for _, how := range appStyles() {
		t.Run(how.String(), func(t *testing.T) {
			t.Parallel()
			story(t, how)
		})
	}
}

// registered makes users through VChat's own registration.
func (w *world) registered(names ...string) {
	w.t.Helper()
	for _, name := range names {
		u := &user{name: unique(strings.ToUpper(name[:1]) + name[1:])}
		u.email = addressOf(u.name)
		data := w.nobody().ok(http.MethodPost, "user/register", obj{
			"name": u.name, "email": u.email, "password": digest, "fcmToken": "", "platform": "Android",
		})
		me, _ := data.(obj)
		u.id, _ = me["_id"].(string)
		u.access, _ = me["accessToken"].(string)
		w.users[name] = u
	}
}

// api is REST on behalf of somebody.
type api struct {
	w     *world
	token string
}

// as is REST on behalf of somebody who registered, and nobody the same without a token.
func (w *world) as(name string) api { return api{w, w.users[name].access} }
func (w *world) nobody() api        { return api{w, ""} }

func (a api) do(method, path string, body any, changes ...change) answer {
	a.w.t.Helper()
	changes = append([]change{header("Accept-Language", "en")}, changes...)
	if a.token != "" {
		changes = append([]change{header("Authorization", "Bearer "+a.token)}, changes...)
	}
	return restOf(a.w.t, a.w.s).do(method, "/api/v1/"+path, body, changes...)
}

// ok asks for what has to be granted and returns its data.
func (a api) ok(method, path string, body any, changes ...change) any {
	a.w.t.Helper()
	answer := a.do(method, path, body, changes...)
	if answer.status != http.StatusOK {
		a.w.t.Fatalf("%s %s: status %d: %s", method, path, answer.status, withoutTokens(answer.short()))
	}
	return a.data(method+" "+path, answer, true)
}

// like is ok for data of which something is known.
func (a api) like(wanted any, method, path string, body any, changes ...change) any {
	a.w.t.Helper()
	data := a.ok(method, path, body, changes...)
	check(a.w.t, method+" "+path, data, wanted)
	return data
}

func (a api) get(path string) any { a.w.t.Helper(); return a.ok(http.MethodGet, path, nil) }

func (a api) post(path string, body any) any {
	a.w.t.Helper()
	return a.ok(http.MethodPost, path, body)
}

func (a api) say(event string, body obj) any {
	a.w.t.Helper()
	return a.like(someText, http.MethodPost, event, body)
}

func (a api) list(path string) list { a.w.t.Helper(); l, _ := a.get(path).(list); return l }

func (a api) messages(room, last string) list { a.w.t.Helper(); return a.list(messagePath(room, last)) }

func messagePath(room, last string) string {
	return "message?" + url.Values{"roomId": {room}, "lastId": {last}}.Encode()
}

// fails asks for what has to be refused with a status, in words.
func (a api) fails(status int, method, path string, body any, changes ...change) {
	a.w.t.Helper()
	answer := a.do(method, path, body, changes...)
	if answer.status != status {
		a.w.t.Errorf("%s %s %v: status %d, want %d: %s", method, path, body, answer.status, status, answer.short())
	}
	if answer.status >= 400 {
		check(a.w.t, method+" "+path, a.data(method+" "+path, answer, false), someText)
	}
}

// data takes an answer apart.
func (a api) data(what string, answer answer, success bool) any {
	a.w.t.Helper()
	answer.isJSON(a.w.t)
	v, err := strictly([]byte(answer.body))
	if err != nil {
		a.w.t.Fatalf("%s: %v", what, err)
	}
	if why := mismatch("", exact{"success": success, "data": anything}, v); why != "" {
		a.w.t.Fatalf("%s: %s: %s", what, why, answer.short())
	}
	return v.(obj)["data"]
}

// single makes the personal chat of two users with something said in it, and returns its id.
func (w *world) single(by, with, text string) string {
	w.t.Helper()
	return w.roomID(w.as(by).post("room/single", obj{"peerEmail": w.users[with].id, "message": text}))
}

// wireGroup makes a group and returns its id.
func (w *world) wireGroup(by, title string, others ...string) string {
	w.t.Helper()
	return w.roomID(w.as(by).post("room/group", obj{"title": title, "peerEmails": w.ids(others...)}))
}

func (w *world) roomID(room any) string {
	w.t.Helper()
	check(w.t, "a new room", room, wireRoom(nil))
	r, _ := room.(obj)
	id, _ := r["_id"].(string)
	return id
}

// write has somebody say something in a room of a kind, single or group.
func (w *world) write(by, kind, room, text string) {
	w.t.Helper()
	w.as(by).say("message/"+kind, obj{"type": "text", "roomId": room, "content": text})
}

// app is one socket of a VChat client, in the main namespace or in /message.
type app struct{ *tab }

// inText are the events whose argument is JSON inside of a text.
var inText = map[string]bool{"user_online_changed": true, "all_messages": true, "new_message": true}

// wireEvents are the shapes of all events there are.
func wireEvents() map[string]any {
	status := rule{"stop, typing or recording", matches(`^(stop|typing|recording)$`)}
	return map[string]any{
		"update_one_room":     wireRoom(nil),
		"user_online_changed": exact{"status": anyBit, "roomId": someText},
		"user_typing_changed": exact{"status": status, "name": someText, "roomId": someText},
		"all_rooms":           each{wireRoom(nil)},
		"kick_from_group":     someText,
		"all_messages":        each{wireMessage(nil)},
		"new_message":         wireMessage(nil),
	}
}

// dialApp opens a socket of somebody and waits for nothing. Whatever it gets is checked at
// the end of the test.
func (w *world) dialApp(name, namespace string, how style) app {
	w.t.Helper()
	u := w.users[name]
	c := w.dial(name+namespace, u, how, how.appOptions(namespace, u.access))
	t := w.t
	t.Cleanup(func() { app{c}.inspect(t) })
	return app{c}
}

func (s style) appOptions(namespace, token string) options {
	o := options{
		Namespace: namespace, Transports: s.transports(),
		Reconnection: true, ReconnectionDelay: 100, ReconnectionDelayMax: 500,
	}
	if s.tokens == inHeader {
		o.ExtraHeaders = map[string]string{"Authorization": token, "accept-language": "en"}
	} else {
		o.Auth = obj{"token": token}
	}
	return o
}

// arrive opens a socket of somebody in the main namespace and joins.
func (w *world) arrive(name string, how style) app {
	w.t.Helper()
	a := w.dialApp(name, "", how)
	a.awaitKind(sawConnect)
	a.join()
	a.forget()
	return a
}

// enter opens a socket of somebody in /message and joins a room.
func (w *world) enter(name, room string, how style) (app, list) {
	w.t.Helper()
	a := w.dialApp(name, "/message", how)
	a.awaitKind(sawConnect)
	a.tell("join", room)
	messages, _ := a.hears("all_messages", each{wireMessage(obj{"roomId": room})}).(list)
	a.forget()
	return a, messages
}

// join asks for the rooms, which also is a barrier: what was sent before is here then.
func (a app) join() list {
	a.t().Helper()
	p := a.start("join", "join")
	if _, err := p.answer(); err != nil {
		a.t().Fatal(err)
	}
	s := a.seen()
	i := indexFrom(s, 0, func(s signal) bool { return s.Kind == sawAck && s.Ack == p.ack })
	v, err := strictly(s[i].Args[0])
	if err != nil {
		a.t().Fatal(err)
	}
	check(a.t(), a.String()+" joins", v, exact{"success": true, "data": each{wireRoom(nil)}})
	rooms, _ := v.(obj)["data"].(list)
	return rooms
}

// argument is the only one of an event, decoded in the way of that event.
func argument(s signal) (any, error) {
	if len(s.Args) != 1 {
		return nil, fmt.Errorf("%s has %d arguments, not one", s.Event, len(s.Args))
	}
	raw := []byte(s.Args[0])
	if inText[s.Event] {
		var text *string
		if err := json.Unmarshal(raw, &text); err != nil || text == nil {
			return nil, fmt.Errorf("%s has no text for its argument: %.200s", s.Event, raw)
		}
		raw = []byte(*text)
	}
	return strictly(raw)
}

// hears waits for an event since the last look whose argument is like wanted.
func (a app) hears(event string, wanted any) any {
	a.t().Helper()
	a.mu.Lock()
	mark := a.mark
	a.mu.Unlock()
	why := ""
	s, err := a.find(event, func(log []signal) int {
		return indexFrom(log, mark, func(s signal) bool {
			if s.Kind != sawEvent || s.Event != event {
				return false
			}
			v, err := argument(s)
			if err != nil {
				why = err.Error()
			} else {
				why = mismatch("", wanted, v)
			}
			return why == ""
		})
	})
	if err != nil {
		a.t().Fatalf("%v\nthe last %s: %s", err, event, why)
	}
	v, _ := argument(s)
	return v
}

// caughtUp returns when a socket in /message has got all that was sent to it before.
func (a app) caughtUp() {
	a.t().Helper()
	check(a.t(), "the ack", a.ask("join", "no id"), exact{"success": false, "data": someText})
}

// heard are the arguments of an event since the last look, up to now.
func (a app) heard(event string) list {
	a.t().Helper()
	a.mu.Lock()
	log := a.log[a.mark:]
	a.mu.Unlock()
	var all list
	for _, s := range log {
		if s.Kind == sawEvent && s.Event == event {
			v, err := argument(s)
			if err != nil {
				a.t().Error(err)
			}
			all = append(all, v)
		}
	}
	return all
}

// heardNothing checks that an event with an argument like this did not come since the last
// look.
func (a app) heardNothing(event string, like any) {
	a.t().Helper()
	for _, v := range a.heard(event) {
		if mismatch("", like, v) == "" {
			a.t().Errorf("%s heard %s, which is not for it: %v", a, event, v)
		}
	}
}

// inspect checks the shape of all that came.
func (a app) inspect(t testing.TB) {
	t.Helper()
	shapes := wireEvents()
	for _, s := range a.seen() {
		if s.Kind != sawEvent {
			continue
		}
		shape, known := shapes[s.Event]
		if !known {
			t.Errorf("%s got an event %q", a, s.Event)
			continue
		}
		v, err := argument(s)
		if err != nil {
			t.Errorf("%s: %v", a, err)
		} else if why := mismatch("", shape, v); why != "" {
			t.Errorf("%s: %s: %s", a, s.Event, why)
		}
	}
}
