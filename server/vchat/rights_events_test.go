package vchat_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// eventRight says what comes of an event, by the role of who sends it.
type eventRight struct {
	// cells are of the roles, in their order: ok, no for a refusal in the same words as of a
	// room that is not there, bl for one because the room is blocked, and -- for who is not let
	// in, so that no event of theirs is handled.
	cells string
	event string // namespace and name
	what  string // which case of the event
	arg   func(s *scene, role string) string

	// What is heard when the event is carried out: by the socket that sent it, without an ack
	// and with one, by its sender's others, and by the others of their room. Those in the main
	// namespace hear it, nobody else hears anything.
	alone, acked, mine, others string
}

var eventRights = []eventRight{
	// no ou st fo bd br me ad ow
	{"-- -- ok ok ok ok ok ok ok", "/ join", "", always(`"join"`), "all_rooms", "", "", ""},
	{"-- -- no no no no ok ok ok", "/ typing_changed", "in the group", typingIn(theGroup), "", "", "", "user_typing_changed"},
	{"-- -- no no bl bl no no no", "/ typing_changed", "in the blocked personal room", typingIn(theSingle), "", "", "", ""},
	{"-- -- no no no no no no no", "/ typing_changed", "in nobody's", typingIn(nobodys), "", "", "", ""},
	{"-- -- no no no no ok ok ok", "/message join", "the group", quoted(theGroup), "all_messages", "all_messages", "update_one_room", ""},
	{"-- -- no no ok ok no no no", "/message join", "the personal room", quoted(theSingle), "all_messages", "all_messages", "update_one_room", "update_one_room"},
	{"-- -- no no no no no no no", "/message join", "oneself", quoted(ownID), "", "", "", ""},
	{"-- -- no no no no no no no", "/message join", "nobody's", quoted(nobodys), "", "", "", ""},
}

func always(arg string) func(*scene, string) string {
	return func(*scene, string) string { return arg }
}

func typingIn(room func(*scene, string) any) func(*scene, string) string {
	return func(s *scene, role string) string {
		return toJSON(s.T, m{"status": "typing", "name": "Somebody", "roomId": room(s, role)})
	}
}

func quoted(room func(*scene, string) any) func(*scene, string) string {
	return func(s *scene, role string) string { return toJSON(s.T, room(s, role)) }
}

// Whoever is refused gets an ack that says so, the same as for a room that does not exist,
// and nobody hears a thing, then or later. Of what is carried out, those hear who should.
func TestRightsOfEvents(t *testing.T) {
	g := newGuarded(t)
	refusals, s := g.scene(), g.scene()
	for _, r := range eventRights {
		for i, role := range roles {
			for _, withAck := range []bool{true, false} {
				switch strings.Fields(r.cells)[i] {
				case "ok":
					if s.changes() { // by the last one
						s = g.scene()
					}
					r.carriedOut(s, role, withAck)
				case "no":
					ack := r.refused(refusals, role, withAck)
					r.asUnknown(refusals, role, withAck, ack)
				case "bl":
					if ack := r.refused(refusals, role, withAck); withAck && !strings.Contains(ack, "blocked") {
						t.Errorf("%s %s by %s: acked by %s", r.event, r.what, role, ack)
					}
				}
			}
		}
	}
	g.keepOut(refusals)
	refusals.heardInside()
}

// socket is who sends the event, if it will be refused.
func (r eventRight) socket(s *scene, role string) *client {
	if strings.HasPrefix(r.event, "/message ") {
		return s.sockets[role+idle]
	}
	return s.sockets[role]
}

// send has a socket send the event, and returns the ack, if it wants one.
func (r eventRight) send(c *client, arg string, withAck bool) (ack string) {
	c.Helper()
	_, name, _ := strings.Cut(r.event, " ")
	if withAck {
		return c.emit(name, arg)()
	}
	c.tell(name, arg)
	return ""
}

func (r eventRight) refused(s *scene, role string, withAck bool) (ack string) {
	s.Helper()
	s.changes()
	c := r.socket(s, role)
	ack = r.send(c, r.arg(s, role), withAck)
	if withAck && !strings.HasPrefix(ack, `{"success":false,"data":"`) {
		s.Errorf("%s %s by %s: acked by %s", r.event, r.what, role, ack)
	}
	if heard := s.news(); len(heard) > 0 || s.changes() {
		s.Errorf("%s %s by %s: heard %v, or stored", r.event, r.what, role, heard)
	}
	return ack
}

func (r eventRight) asUnknown(s *scene, role string, withAck bool, ack string) {
	s.Helper()
	if unknown := r.send(r.socket(s, role), r.arg(s.elsewhere(), role), withAck); unknown != ack {
		s.Errorf("%s %s by %s: acked by %s, but of an unknown room by %s", r.event, r.what, role, ack, unknown)
	}
	if heard := s.news(); len(heard) > 0 || s.changes() {
		s.Errorf("%s of an unknown room by %s: heard %v, or stored", r.event, role, heard)
	}
}

func (r eventRight) carriedOut(s *scene, role string, withAck bool) {
	s.Helper()
	c := s.sockets[role]
	if strings.HasPrefix(r.event, "/message ") {
		c = s.reader(s.people[role], 3+len(role)%2, "")
		defer c.close()
	}
	ack := r.send(c, r.arg(s, role), withAck)
	if withAck && !strings.HasPrefix(ack, `{"success":true,"data":`) {
		s.Errorf("%s %s by %s: acked by %s", r.event, r.what, role, ack)
	}
	s.checkSecrets(r.event, role, ack)
	s.settle()
	own := c.fresh()
	for _, e := range own {
		s.checkSecrets(r.event, role, e.arg)
	}
	want := r.alone
	if withAck {
		want = r.acked
	}
	if got := names(own); got != want {
		s.Errorf("%s %s by %s, with an ack %v: heard %q, want %q", r.event, r.what, role, withAck, got, want)
	}
	if got, want := s.news(), r.heard(role, c != s.sockets[role]); !maps.Equal(got, want) {
		s.Errorf("%s %s by %s: all hear %v, want %v", r.event, r.what, role, got, want)
	}
}

// heard is what is to be heard beside the socket that sent the event, which may be another
// than those of the scene.
func (r eventRight) heard(role string, another bool) map[string]string {
	heard := map[string]string{}
	for _, other := range company(role) {
		if other != role && r.others != "" {
			heard[other], heard[other+otherTab] = r.others, r.others
		}
	}
	if r.mine != "" {
		heard[role+otherTab] = r.mine
		if another {
			heard[role] = r.mine
		}
	}
	return heard
}

// heardInside has happen in both rooms what there is, and checks that only those hear of it
// who are in them, in the main namespace.
func (s *scene) heardInside() {
	s.Helper()
	s.block(false)
	for role, room := range map[string]string{"admin": s.group, "blocked": s.guarded.single} {
		path := map[string]string{"admin": "message/group", "blocked": "message/single"}[role]
		s.news()
		s.done(s.people[role], "POST", path, m{"roomId": room, "content": "x"})
		s.sockets[role].tell("typing_changed", toJSON(s.T, m{"status": "typing", "roomId": room}))
		heard := slices.Sorted(maps.Keys(s.news()))
		var want []string
		for _, in := range company(role) {
			want = append(want, in, in+otherTab)
		}
		slices.Sort(want)
		if !slices.Equal(heard, want) {
			s.Errorf("of what %s does hear %v, want %v", role, heard, want)
		}
	}
}

// keepOut has those who are not let in send all events nevertheless, in both revisions.
func (g *guarded) keepOut(s *scene) {
	g.Helper()
	g.changes()
	var wg sync.WaitGroup
	for _, r := range eventRights {
		for i, role := range roles {
			for _, revision := range []int{3, 4} {
				if strings.Fields(r.cells)[i] == "--" {
					wg.Go(func() { r.outside(s, role, revision) })
				}
			}
		}
	}
	wg.Wait()
	if heard := g.news(); len(heard) > 0 || g.changes() {
		g.Errorf("of those outside was heard %v, or stored", heard)
	}
}

// outside has somebody send the event who is not let in, which ends their connection.
// Revision 3 is refused unasked, at the main namespace, and ends by that.
func (r eventRight) outside(s *scene, role string, revision int) {
	ns, name, _ := strings.Cut(r.event, " ")
	c := s.dial(role, revision, ns, url.Values{}, http.Header{"Authorization": {s.people[role].token}})
	if revision == 4 || c.ns != "" {
		c.write(strings.TrimSuffix("40"+c.ns, ","))
	}
	c.await(func() bool { return c.out != "" })
	c.say(name, r.arg(s, role))
	c.await(func() bool { return false })
	c.mu.Lock()
	defer c.mu.Unlock()
	refused := c.out == `{"message":"Authentication failed"}` || revision == 3 && c.closed && ns == "/message"
	if !refused || c.ins > 0 || len(c.events) > 0 || len(c.acks) > 0 {
		c.Errorf("%s %s by %s in revision %d: refused by %q, in %d times, heard %v, acked %v", r.event, r.what, role, revision, c.out, c.ins, c.events, c.acks)
	}
}

// The table lists the events that there are.
func TestRightsOfEveryEvent(t *testing.T) {
	h := newHouse(t)
	var listed, taken []string
	for _, r := range eventRights {
		listed = append(listed, r.event)
	}
	for name := range h.door.Dialect().Handlers {
		taken = append(taken, "/ "+name)
	}
	for name := range h.door.MessageDialect().Handlers {
		taken = append(taken, "/message "+name)
	}
	sameNames(t, listed, taken)
}
