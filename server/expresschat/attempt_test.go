package expresschat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ownFailures are the events that are refused by an event of their own.
var ownFailures = map[string]string{"add-member": "add-member-fail", "leave-grp": "group-left-fail"}

// attempt is one event that somebody sends.
type attempt struct {
	right
	role    string
	withAck bool
}

func (a attempt) String() string {
	return fmt.Sprintf("%s %s by the %s, with ack %v", a.event, a.what, a.role, a.withAck)
}

// allowed checks that the event is carried out.
func (a attempt) allowed(s *scene) {
	s.Helper()
	before := s.rows()
	arg := toJSON(s.T, a.arg(s, s.people[a.role]))
	ack, heard := a.send(s, false)
	var got answer
	if a.withAck && (json.Unmarshal([]byte(ack), &got) != nil || got.Success == nil || !*got.Success) {
		s.Errorf("%v: refused by %q", a, ack)
	}
	for who, events := range heard {
		for _, e := range events {
			if e.name == "chat-error" || e.name == ownFailures[a.event] {
				s.Errorf("%v: %s heard %s", a, who, e.raw)
			}
		}
		name := strings.TrimSuffix(who, otherTab)
		concerned := name == a.role || strings.Contains(arg, string(s.people[name].id))
		if !concerned && slices.Contains([]string{"stranger", "former", "outsider", "newcomer"}, name) {
			s.Errorf("%v: %s heard %v", a, who, events)
		}
	}
	s.seen = nil
	if changed := !maps.Equal(before, s.rows()); changed == slices.Contains(reading, a.event) {
		s.Errorf("%v: changed something: %v", a, changed)
	}
}

// refused checks that nothing comes of the event but the answer to whoever sent it. Of
// what one must not know to exist, the answer is the same as for what does not.
func (a attempt) refused(s *scene, code string) {
	s.Helper()
	before := s.seen
	if before == nil {
		before = s.rows()
	}
	ack, heard := a.send(s, code == "no-such-chat")
	if problem := refusal(a.event, a.role, code, a.withAck, ack, heard); problem != "" {
		s.Errorf("%v: %s", a, problem)
	}
	s.seen = s.rows()
	if !maps.Equal(before, s.seen) {
		s.Errorf("%v: changed %v to %v", a, before, s.seen)
	}
}

// send sends the event and returns its ack, and what was heard of it by whom. With unknown
// it is sent once more, of chats that do not exist: the answer has to be the same.
func (a attempt) send(s *scene, unknown bool) (ack string, heard map[string][]event) {
	s.Helper()
	c, me := s.sockets[a.role], s.people[a.role]
	ack = c.say(a.event, toJSON(s.T, a.arg(s, me)), a.withAck)()
	if a.event == "search-user" && !a.withAck { // it is handled aside: a second one is acked behind it
		c.say(a.event, toJSON(s.T, a.arg(s, me)), true)()
	}
	if !unknown {
		c.roundtrip()
		return ack, s.news()
	}
	at := c.ping()().at
	if c.isClosed() {
		s.Fatalf("%v: cost the connection", a)
	}
	again := c.say(a.event, toJSON(s.T, a.arg(s.elsewhere(), me)), a.withAck)()
	c.roundtrip()
	told := at - s.marks[a.role]
	heard = s.news()
	of, ofUnknown := heard[a.role][:told], heard[a.role][told:]
	if ack != again || fmt.Sprint(of) != fmt.Sprint(ofUnknown) {
		s.Errorf("%v: %s %v, but of an unknown chat %s %v", a, ack, of, again, ofUnknown)
	}
	if heard[a.role] = of; told == 0 {
		delete(heard, a.role)
	}
	return ack, heard
}

// refusal checks that an event was refused with a code, in the way of that event, and
// that only its sender heard of it. It returns what is wrong, empty if nothing is.
func refusal(name, sender, code string, withAck bool, ack string, heard map[string][]event) string {
	var got answer
	if withAck {
		if json.Unmarshal([]byte(ack), &got) != nil || got.Success == nil || *got.Success || got.Code != code || got.Message == "" {
			return fmt.Sprintf("acked by %s, want %s", ack, code)
		}
	}
	wanted, own := ownFailures[name]
	if !own && !withAck {
		wanted = "chat-error"
	}
	told := heard[sender]
	for who := range heard {
		if who != sender {
			return fmt.Sprintf("%s heard %v", who, heard[who])
		}
	}
	if wanted == "" {
		if len(told) > 0 {
			return fmt.Sprintf("the ack came with %v", told)
		}
		return ""
	}
	if len(told) != 1 || told[0].name != wanted {
		return fmt.Sprintf("answered by %v, want one %s", told, wanted)
	}
	arg := told[0].arg
	switch {
	case own && (len(arg) != 1 || arg["Message"] == "" || arg["Message"] == nil):
		return fmt.Sprintf("answered by %v", told)
	case !own && (arg["event"] != name || arg["code"] != code || arg["message"] == "" || arg["message"] == nil || len(arg) != 3):
		return fmt.Sprintf("answered by %v, want %s", told, code)
	}
	return ""
}
