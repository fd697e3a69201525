package expresschat_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// right says what comes of one case of one event, by role.
type right struct {
	// cells are of the roles, in their order; words says what they stand for.
	cells string
	event string
	what  string // which case of the event
	arg   func(s *scene, me person) object
}

type object map[string]any

// words are the codes of a refusal that a cell stands for. Two cells are none: ok, and --
// for who has no session: they get auth-failure, and no event of theirs is handled.
var words = map[string]string{
	"chat": "no-such-chat", "user": "no-such-user", "role": "not-allowed", "self": "oneself",
	"in": "already-member", "file": "no-file", "out": "not-a-member", "stay": "owner-stays",
}

// rights is who may do what. The personal chat is that of the admin and the owner.
var rights = []right{
	// str  unv so  form memb adm  own
	// Before the strangers share a chat with anybody: others hear of it.
	{"ok   -- -- ok   ok   ok   ok  ", "change-name", "", with(object{"Name": "x"})},

	{"ok   -- -- ok   ok   ok   ok  ", "fetch-user-details", "", with(nil)},
	{"ok   -- -- ok   ok   ok   ok  ", "search-user", "in the list", with(object{"Type": "Search"})},
	{"ok   -- -- ok   ok   ok   ok  ", "search-user", "to add", with(object{"Type": "Add"})},

	{"ok   -- -- ok   ok   ok   ok  ", "fetch-self-chat", "", with(nil)},
	{"ok   -- -- ok   ok   ok   ok  ", "send-self-message", "", with(object{"Content": "x"})},
	{"ok   -- -- ok   ok   ok   ok  ", "send-self-message", "with a file", withFile("me", with(nil))},
	{"chat -- -- chat chat chat chat", "fetch-personal-chat", "the owner's own", selfOf("owner")},
	{"chat -- -- chat chat chat chat", "send-personal-message", "the owner's own", selfOf("owner")},
	{"chat -- -- chat chat chat chat", "read-personal-message", "the owner's own", selfOf("owner")},
	{"chat -- -- chat chat chat chat", "fetch-group-chat", "the owner's own", selfOf("owner")},
	{"chat -- -- chat chat chat chat", "send-group-message", "the owner's own", selfOf("owner")},
	{"chat -- -- chat chat chat chat", "read-group-message", "the owner's own", selfOf("owner")},

	{"ok   -- -- ok   ok   ok   ok  ", "check-chat", "", receiver("outsider")},
	{"ok   -- -- ok   ok   ok   ok  ", "create-personal-chat", "", receiver("outsider")},
	{"self -- -- self self self self", "check-chat", "with oneself", receiver("me")},
	{"self -- -- self self self self", "create-personal-chat", "with oneself", receiver("me")},
	{"user -- -- user user user user", "check-chat", "with someone unverified", receiver("unverified")},
	{"user -- -- user user user user", "create-personal-chat", "with someone unverified", receiver("unverified")},
	{"chat -- -- chat chat ok   ok  ", "fetch-personal-chat", "", inPersonal},
	{"chat -- -- chat chat ok   ok  ", "send-personal-message", "", inPersonal},
	{"chat -- -- chat chat ok   ok  ", "read-personal-message", "", inPersonal},
	{"chat -- -- chat chat chat chat", "fetch-personal-chat", "a group", inGroup},
	{"chat -- -- chat chat chat chat", "send-personal-message", "a group", inGroup},
	{"chat -- -- chat chat chat chat", "read-personal-message", "a group", inGroup},

	{"ok   -- -- ok   ok   ok   ok  ", "create-group-chat", "", participant("stranger")},
	{"user -- -- user user user user", "create-group-chat", "with someone unverified", participant("unverified")},
	{"chat -- -- chat ok   ok   ok  ", "fetch-group-chat", "", inGroup},
	{"chat -- -- chat ok   ok   ok  ", "send-group-message", "", inGroup},
	{"chat -- -- chat ok   ok   ok  ", "send-group-message", "with a file", withFile("me", inGroup)},
	{"file -- -- file file file file", "send-group-message", "with the bystander's file", withFile("bystander", inGroup)},
	{"file -- -- file file file file", "send-group-message", "with no file there is", withFile("", inGroup)},
	{"chat -- -- chat ok   ok   ok  ", "read-group-message", "", inGroup},
	{"chat -- -- chat chat chat chat", "fetch-group-chat", "of two", inPersonal},
	{"chat -- -- chat chat chat chat", "send-group-message", "of two", inPersonal},
	{"chat -- -- chat chat chat chat", "read-group-message", "of two", inPersonal},

	{"ok   -- -- ok   ok   ok   ok  ", "typing", "in one's own", selfOf("me")},
	{"chat -- -- chat chat chat chat", "typing", "the outsider's own", selfOf("outsider")},
	{"chat -- -- chat chat ok   ok  ", "typing", "of two", inPersonal},
	{"chat -- -- chat ok   ok   ok  ", "typing", "in a group", inGroup},

	{"chat -- -- chat role ok   ok  ", "add-member", "", member("outsider")},
	{"chat -- -- chat role in   in  ", "add-member", "oneself", member("me")},
	{"chat -- -- chat role in   in  ", "add-member", "a member", member("bystander")},
	{"chat -- -- chat role ok   ok  ", "add-member", "someone who was here before", member("former")},
	{"chat -- -- chat role user user", "add-member", "someone unverified", member("unverified")},
	{"chat -- -- chat chat chat chat", "add-member", "of two", ofTwo("outsider")},

	{"chat -- -- chat role ok   ok  ", "kickout", "", member("bystander")},
	{"chat -- -- chat role self ok  ", "kickout", "the admin", member("admin")},
	{"chat -- -- chat role role self", "kickout", "the owner", member("owner")},
	{"chat -- -- chat role self self", "kickout", "oneself", member("me")},
	{"chat -- -- chat role out  out ", "kickout", "an outsider", member("outsider")},
	{"chat -- -- chat role out  out ", "kickout", "someone unverified", member("unverified")},
	{"chat -- -- chat chat chat chat", "kickout", "of two", ofTwo("admin")},

	{"chat -- -- chat role role ok  ", "change-admin", "", member("bystander")},
	{"chat -- -- chat role role ok  ", "change-admin", "to the admin", member("admin")},
	{"chat -- -- chat role role self", "change-admin", "to oneself", member("me")},
	{"chat -- -- chat role role out ", "change-admin", "to an outsider", member("outsider")},
	{"chat -- -- chat role role out ", "change-admin", "to someone unverified", member("unverified")},
	{"chat -- -- chat chat chat chat", "change-admin", "of two", ofTwo("admin")},

	{"chat -- -- chat ok   ok   stay", "leave-grp", "", inGroup},
	{"chat -- -- chat chat chat chat", "leave-grp", "of two", inPersonal},
	{"chat -- -- chat role role ok  ", "delete-grp", "", inGroup},
	{"chat -- -- chat chat chat chat", "delete-grp", "of two", inPersonal},
}

// reading are the events that change nothing.
var reading = []string{
	"fetch-user-details", "search-user", "fetch-self-chat", "check-chat", "fetch-personal-chat", "fetch-group-chat", "typing",
}

func with(arg object) func(*scene, person) object {
	return func(*scene, person) object { return maps.Clone(arg) }
}

func inGroup(s *scene, _ person) object {
	return object{"GroupId": s.group, "Content": "x", "Status": "typing"}
}

func inPersonal(s *scene, _ person) object {
	return object{"ChatId": s.personal, "Content": "x", "Status": "typing"}
}

func selfOf(name string) func(*scene, person) object {
	return func(s *scene, me person) object {
		return object{"ChatId": s.somebody(name, me).id, "Content": "x", "Status": "typing"}
	}
}

// withFile is an argument with a file of somebody's; who can have none names the bystander's.
func withFile(name string, arg func(*scene, person) object) func(*scene, person) object {
	return func(s *scene, me person) object {
		all := object{"Upload": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.pdf"}
		maps.Copy(all, arg(s, me))
		for _, whose := range []string{"bystander", name} {
			if id := s.files[s.somebody(whose, me).id]; name != "" && id != "" {
				all["Upload"] = id
			}
		}
		return all
	}
}

// somebody of the scene, the asker among them.
func (s *scene) somebody(name string, me person) person {
	switch name {
	case "me":
		return me
	case "outsider":
		return s.outsider
	}
	return s.people[name]
}

func member(name string) func(*scene, person) object {
	return func(s *scene, me person) object { return object{"GroupId": s.group, "Member": s.somebody(name, me).id} }
}

func ofTwo(name string) func(*scene, person) object {
	return func(s *scene, me person) object {
		return object{"ChatId": s.personal, "Member": s.somebody(name, me).id}
	}
}

func receiver(name string) func(*scene, person) object {
	return func(s *scene, me person) object { return object{"Receiver": s.somebody(name, me).id} }
}

func participant(name string) func(*scene, person) object {
	return func(s *scene, me person) object {
		return object{"Name": "new", "Participants": []any{s.somebody(name, me).id}}
	}
}

// Whoever is refused is told why, in the way of the event; nobody else hears of it, and
// nothing changes. Whoever is not refused does change something.
func TestRights(t *testing.T) {
	g := newGuarded(t)
	var events []string
	for _, r := range rights {
		events = append(events, r.event)
	}
	slices.Sort(events)
	if listed, taken := slices.Compact(events), g.door.Events(); !slices.Equal(listed, taken) {
		t.Fatalf("the table lists %v, the door takes %v", listed, taken)
	}
	refusals := map[bool]*scene{true: g.scene(true), false: g.scene(false)}
	for _, r := range rights {
		cells := strings.Fields(r.cells)
		for i, role := range roles {
			for _, withAck := range []bool{true, false} {
				try := attempt{right: r, role: role, withAck: withAck}
				switch cell := cells[i]; cell {
				case "--":
				case "ok":
					try.allowed(g.scene(withAck))
				default:
					try.refused(refusals[withAck], words[cell])
				}
			}
		}
	}
	g.keepOut()
}

// keepOut has those without a session try all events at which the table says so.
func (g *guarded) keepOut() {
	g.Helper()
	s := g.scene(true)
	before := g.rows()
	var wg sync.WaitGroup
	for _, r := range rights {
		for i, role := range roles {
			if strings.Fields(r.cells)[i] != "--" {
				continue
			}
			me := g.people[role]
			arg := toJSON(g.T, r.arg(s, me))
			wg.Go(func() {
				c := g.connect(me)
				ack := c.say(r.event, arg, true)
				c.say(r.event, arg, false)
				c.ended()
				if got := c.all(); ack() != "" || len(got) != 1 || got[0].raw != `42["auth-failure",{"reason":"Authentication failed"}]` || !c.sentAway() {
					g.Errorf("%s %s by one who is %s: acked %q, told %v", r.event, r.what, role, ack(), got)
				}
			})
		}
	}
	wg.Wait()
	if heard := g.news(); len(heard) > 0 {
		g.Errorf("of those without a session was heard %v", heard)
	}
	if after := g.rows(); !maps.Equal(before, after) {
		g.Errorf("those without a session changed %v to %v", before, after)
	}
}
