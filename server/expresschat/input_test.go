package expresschat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// field is one that an event takes, and one good value of it as JSON.
type field struct {
	key  string
	kind string
	good func(w *askers) string
}

// inputs is what every event takes.
var inputs = map[string][]field{
	"fetch-user-details":    {},
	"search-user":           {{"Name", "text", is(`"x"`)}, {"Type", "text", is(`"Search"`)}},
	"fetch-self-chat":       page(),
	"send-self-message":     {content, clientID, upload},
	"check-chat":            {userField("Receiver", "user")},
	"create-personal-chat":  {userField("Receiver", "user")},
	"fetch-personal-chat":   page(chatField("ChatId", (*askers).personalID)),
	"send-personal-message": {chatField("ChatId", (*askers).personalID), content, clientID, upload},
	"read-personal-message": {chatField("ChatId", (*askers).personalID), seqField},
	"create-group-chat":     {{"Name", "name", is(`"g"`)}, {"Description", "description", is(`""`)}, {"Participants", "people", is(`[]`)}},
	"fetch-group-chat":      page(chatField("GroupId", (*askers).groupID)),
	"send-group-message":    {chatField("GroupId", (*askers).groupID), content, clientID, upload},
	"read-group-message":    {chatField("GroupId", (*askers).groupID), seqField},
	"add-member":            {chatField("GroupId", (*askers).groupID), userField("Member", "user")},
	"kickout":               {chatField("GroupId", (*askers).groupID), userField("Member", "member")},
	"change-admin":          {chatField("GroupId", (*askers).groupID), userField("Member", "member")},
	"leave-grp":             {chatField("GroupId", (*askers).groupID)},
	"delete-grp":            {chatField("GroupId", (*askers).groupID)},
	"typing":                {{"ChatId", "room", id((*askers).personalID)}, {"Status", "status", is(`"typing"`)}},
	"change-name":           {{"Name", "name", is(`"Me"`)}},
}

var (
	content  = field{"Content", "content", is(`"x"`)}
	clientID = field{"ClientId", "client", is(`""`)}
	upload   = field{"Upload", "upload", is("")}
	seqField = field{"Seq", "seq", is("0")}
)

func page(fields ...field) []field {
	return append(fields, field{"Limit", "cursor", is("")}, field{"Before", "cursor", is("")}, field{"After", "cursor", is("")})
}

func chatField(key string, of func(*askers) string) field { return field{key, "chat", id(of)} }

func userField(key, kind string) field {
	return field{key, kind, id(func(w *askers) string { return string(w.partner.id) })}
}

// askers are a world for somebody who owns a group and has a personal chat: whatever is
// refused is refused for its shape.
type askers struct {
	*world
	me, partner, stranger person
	group, personal       string
	message               string // its id
	good, otherChat       string // for the field that is filled in
}

func (w *askers) groupID() string { return w.group }

func (w *askers) personalID() string { return w.personal }

func newAskers(t *testing.T) *askers {
	t.Helper()
	w := &askers{world: newWorld(t)}
	w.me, w.partner, w.stranger = w.person("Me"), w.person("Partner"), w.person("Stranger")
	me := w.enter("me", w.me)
	w.enter("my other tab", w.me)
	w.enter("partner", w.partner)
	w.enter("stranger", w.stranger)
	w.group = w.done(me.emit("create-group-chat", object{"Name": "g", "Participants": []any{w.partner.id}}))["GroupId"].(string)
	w.personal = w.done(me.emit("create-personal-chat", object{"Receiver": w.partner.id}))["ChatId"].(string)
	w.message = w.done(me.emit("send-group-message", object{"GroupId": w.group, "Content": "x"}))["Id"].(string)
	w.forget()
	return w
}

// Whatever a client puts into an event: it is told what is wrong with it, nothing changes,
// and nobody else hears of it; or it means something, and that happens.
func TestBadInput(t *testing.T) {
	w := newAskers(t)
	if listed, taken := slices.Sorted(maps.Keys(inputs)), w.door.Events(); !slices.Equal(listed, taken) {
		t.Fatalf("the table lists %v, the door takes %v", listed, taken)
	}
	for _, event := range w.door.Events() {
		for _, f := range inputs[event] {
			w.fill(event, f)
		}
		w.shapes(event)
	}
}

// fill tries every value in one field, the others being good. First all that is refused.
func (w *askers) fill(event string, f field) {
	w.Helper()
	w.good, w.otherChat = strings.Trim(f.good(w), `"`), w.personal
	if w.good == w.personal {
		w.otherChat = w.group
	}
	column := slices.Index(kinds, f.kind)
	before := w.rows()
	var refused, allowed []trial
	for _, v := range values {
		t := trial{what: f.key + ": " + v.name, arg: w.argument(event, f.key, v.json(w))}
		switch cell := strings.Fields(v.cells)[column]; {
		case cell == "-":
		case cell == "ok":
			allowed = append(allowed, t)
		case event == "add-member" && f.kind == "user" && v.name == "oneself":
			t.want = "already-member"
			refused = append(refused, t)
		default:
			t.want = outcomes[cell]
			refused = append(refused, t)
		}
	}
	w.try(event, refused)
	w.checkSilence(event+" "+f.key, before)
	w.try(event, allowed)
	w.forget()
}

// argument is a good one but for one field, which is left out if it is empty.
func (w *askers) argument(event, key, value string) string {
	var b strings.Builder
	for _, f := range inputs[event] {
		text := f.good(w)
		if f.key == key {
			text = value
		}
		if text != "" {
			fmt.Fprintf(&b, ",%q:%s", f.key, text)
		}
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

// shapes are arguments that are no object, or one without any key that is known.
func (w *askers) shapes(event string) {
	w.Helper()
	before := w.rows()
	var trials []trial
	for name, arg := range map[string]string{
		"a number": "5", "a string": `"x"`, "true": "true", "a list": "[]", "a list of objects": "[{}]",
		"deep": strings.Repeat("[", 31) + strings.Repeat("]", 31),
	} {
		trials = append(trials, trial{name, arg, "bad-input"})
	}
	want := "bad-input"
	switch event {
	case "fetch-user-details", "fetch-self-chat", "search-user":
		want = ""
	case "send-self-message":
		want = "bad-content"
	case "create-group-chat", "change-name":
		want = "bad-name"
	}
	good := w.argument(event, "", "")
	for name, arg := range map[string]string{
		"nothing": "", "null": "null", "empty": "{}", "keys of every object": fmt.Sprintf(
			`{"__proto__":%[1]s,"constructor":{"prototype":%[1]s},"toString":1,"":%[1]s,"hasOwnProperty":null}`, good),
	} {
		trials = append(trials, trial{name, arg, want})
	}
	w.try(event, trials)
	w.checkSilence(event, before)
}

// trial is an argument, and the code that it is refused with, or empty for a success.
type trial struct {
	what, arg, want string
}

// try sends an event with every argument twice, with an ack callback and without (what is
// huge only with one: that takes long enough), and checks what the sender is told. All
// are on their way at once.
func (w *askers) try(name string, trials []trial) {
	w.Helper()
	c := w.sockets["me"]
	at := len(c.all())
	type outcome struct{ acked, passed func() reply }
	outcomes := make([]outcome, len(trials))
	for i, t := range trials {
		acked := c.ask(name, t.arg)
		aside := name == "search-user" && t.want == "" // nothing waits for it, and a newer one replaces it
		if aside {
			answer := acked()
			acked = func() reply { return answer }
		}
		outcomes[i].acked = acked
		if len(t.arg) < len(huge) && !aside {
			c.say(name, t.arg, false)
		}
		outcomes[i].passed = c.ping()
	}
	for i, t := range trials {
		acked, passed := outcomes[i].acked(), outcomes[i].passed()
		if c.isClosed() {
			w.Fatalf("%s with %s cost the connection", name, t.what)
		}
		told := c.all()
		with, without := told[at:acked.at], told[acked.at:passed.at]
		var problem string
		if t.want == "" {
			problem = success(acked.ack, told[at:passed.at])
		} else if problem = refusal(name, "me", t.want, true, acked.ack, heardBy("me", with)); problem == "" && len(t.arg) < len(huge) {
			problem = refusal(name, "me", t.want, false, "", heardBy("me", without))
		}
		at = passed.at
		if problem != "" {
			w.Errorf("%s with %s: %.300s", name, t.what, problem)
		}
	}
}

func heardBy(who string, events []event) map[string][]event {
	if len(events) == 0 {
		return nil
	}
	return map[string][]event{who: events}
}

// success returns what is wrong with the answer to an event that means something.
func success(ack string, told []event) string {
	var got answer
	if json.Unmarshal([]byte(ack), &got) != nil || got.Success == nil || !*got.Success {
		return "acked by " + ack
	}
	for _, e := range told {
		if e.name == "chat-error" || strings.HasSuffix(e.name, "-fail") {
			return "answered by " + e.raw
		}
	}
	return ""
}

// checkSilence fails the test if somebody else has heard of what was refused, or if it has
// changed anything.
func (w *askers) checkSilence(what string, before map[string]string) {
	w.Helper()
	heard := w.news()
	delete(heard, "me")
	if len(heard) > 0 {
		w.Errorf("%s: others heard %.300s", what, fmt.Sprint(heard))
	}
	if after := w.rows(); !maps.Equal(before, after) {
		w.Errorf("%s changed %v to %v", what, before, after)
	}
}
