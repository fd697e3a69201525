package expresschat_test

import (
	"slices"
	"testing"

	"expresschat/auth"
)

// The roles of the table of rights, in the order of its columns.
var roles = []string{"stranger", "unverified", "signed-out", "former", "member", "admin", "owner"}

// guarded is a world with a group in it and somebody of every role, each on two sockets.
type guarded struct {
	*world
	people map[string]person
	files  map[auth.UserID]string // one of everybody who has a role
	seen   map[string]string      // the rows after the last refusal, if nothing has happened since
}

// otherTab is what the names of the second sockets end with.
const otherTab = "'s other tab"

// scene is a group with people of all roles, and what else an event may name. The chat
// of owner and admin is the same in all scenes, but has news for both in each.
type scene struct {
	group    string
	personal string
	outsider person // shares no chat with anybody
	*guarded
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{world: newWorld(t), people: map[string]person{}, files: map[auth.UserID]string{}}
	for _, name := range []string{"stranger", "former", "member", "admin", "owner", "bystander", "outsider", "newcomer"} {
		p := g.person(name)
		g.people[name] = p
		g.enter(name, p)
		if slices.Contains(roles, name) {
			g.enter(name+otherTab, p)
		}
		g.files[p.id] = g.uploads(p, part{"file", "a.pdf", aFile})["id"].(string)
	}
	g.people["signed-out"] = g.signedOut()
	g.people["unverified"] = g.unverified()
	return g
}

// signedOut is somebody whose tokens were good a moment ago.
func (h *house) signedOut() person {
	h.Helper()
	p := h.person("signed-out")
	h.must(h.auth.SignOut(h.Context(), p.tokens))
	return p
}

// unverified is somebody who has signed up, and has no tokens yet. The id is the one
// that their account would get.
func (h *house) unverified() person {
	h.Helper()
	email := "unverified-" + auth.NewID() + "@example.org"
	h.must(h.auth.SignUp(h.Context(), auth.Application{Name: "unverified", Email: email, Password: "open-sesame", Source: auth.FromWeb}))
	su, err := h.store.PendingSignUp(h.Context(), email)
	h.must(err)
	return person{id: su.ID, name: "unverified", email: email, code: h.mail.Code(email)}
}

// registered is somebody with an account that nobody verified. Both tokens are the one of
// their session, which is none here.
func (h *house) registered() person {
	h.Helper()
	email := "registered-" + auth.NewID() + "@example.org"
	u, token, err := h.auth.Register(h.Context(), auth.Registration{Name: "registered", ID: email, Password: "open-sesame"})
	h.must(err)
	return person{id: u.ID, name: "registered", email: email, code: "none", tokens: auth.Pair{Access: token, Refresh: token}}
}

// scene makes a new group. The former member was kicked, or has left.
func (g *guarded) scene(kicked bool) *scene {
	g.Helper()
	g.seen = nil
	id := func(name string) auth.UserID { return g.people[name].id }
	owner := g.sockets["owner"]
	made := g.done(owner.emit("create-group-chat", map[string]any{
		"Name": "group", "Participants": []any{id("former"), id("member"), id("admin"), id("bystander")},
	}))
	s := &scene{group: made["GroupId"].(string), outsider: g.people["outsider"], guarded: g}
	if kicked {
		g.done(owner.emit("kickout", object{"GroupId": s.group, "Member": id("former")}))
	} else {
		s.outsider = g.people["newcomer"]
		g.done(g.sockets["former"].emit("leave-grp", object{"GroupId": s.group}))
	}
	// No event makes somebody an admin.
	_, err := g.db.Exec(g.Context(), `UPDATE members SET role = 'admin' WHERE room_id = $1 AND user_id = $2`, s.group, id("admin"))
	g.must(err)
	opened := g.done(owner.emit("create-personal-chat", object{"Receiver": id("admin")}))
	s.personal = opened["ChatId"].(string)
	for _, name := range []string{"owner", "admin"} {
		c := g.sockets[name]
		g.done(c.emit("send-group-message", object{"GroupId": s.group, "Content": "in the group"}))
		g.done(c.emit("send-personal-message", object{"ChatId": s.personal, "Content": "between us"}))
	}
	g.forget()
	return s
}

// done waits for an ack that has to say success.
func (h *house) done(ack func() map[string]any) map[string]any {
	h.Helper()
	got := ack()
	if got["success"] != true {
		h.Fatalf("refused: %v", got)
	}
	return got
}

// elsewhere is a scene of chats that do not exist.
func (s *scene) elsewhere() *scene {
	other := *s
	other.group, other.personal = auth.NewID(), auth.NewID()
	return &other
}
