package vchat_test

import (
	"maps"
	"slices"
	"testing"

	"expresschat/auth"
	"expresschat/server/doortest"
)

// The roles of the tables of rights, in the order of their columns. Blocker and blocked are
// who they are in a personal room, the others in a group.
var roles = []string{"nobody", "signed-out", "stranger", "former", "blocked", "blocker", "member", "admin", "owner"}

// company is who may hear of what somebody does.
func company(role string) []string {
	for _, room := range [][]string{{"blocked", "blocker"}, {"member", "admin", "owner"}} {
		if slices.Contains(room, role) {
			return room
		}
	}
	return nil
}

// What the names of the sockets end with that are not somebody's first: in the main
// namespace, and in /message, where it has joined nothing.
const (
	otherTab = "'s other tab"
	idle     = "'s idle reader"
)

// guarded is a house with somebody of every role, each on three sockets.
type guarded struct {
	*house
	database doortest.Database
	people   map[string]person
	sockets  map[string]*client // by a name that says whose they are
	single   string             // the room of blocked and blocker
	seen     map[string]string  // the rows after the last attempt, if nothing has happened since
}

// scene is a group with people of all roles, and a personal room, both with news for
// everybody in them.
type scene struct {
	group string
	*guarded
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{house: newHouse(t), people: map[string]person{"nobody": {name: "nobody", email: "nobody"}}, sockets: map[string]*client{}}
	g.database = doortest.Connect(t, g.house.database)
	for _, name := range append([]string{"bystander", "newcomer", "hermit"}, roles[1:]...) {
		g.people[name] = g.person(name)
	}
	g.single = g.house.single(g.people["blocker"], g.people["blocked"], "first").text("_id")
	g.done(g.people["signed-out"], "PATCH", "user", m{"fcmToken": "Out"})
	for i, role := range roles[2:] {
		p := g.people[role]
		g.sockets[role], g.sockets[role+otherTab] = g.app(p, 3), g.app(p, 4)
		g.sockets[role+idle] = g.reader(p, 3+i%2, "")
	}
	return g
}

// scene makes a new group, and has the personal room as it was.
func (g *guarded) scene() *scene {
	g.Helper()
	owner, admin, former := g.people["owner"], g.people["admin"], g.people["former"]
	s := &scene{group: g.group(owner, admin, former, g.people["member"], g.people["bystander"]).text("_id"), guarded: g}
	g.done(owner, "POST", "room/update-member-state", m{"roomId": s.group, "peerId": admin.id, "state": "admin"})
	g.done(owner, "POST", "room/kick-member", m{"roomId": s.group, "peerId": former.id})
	g.block(false)
	for _, role := range []string{"owner", "admin"} {
		g.done(g.people[role], "POST", "message/group", m{"roomId": s.group, "content": secrets[0]})
	}
	for _, role := range []string{"blocker", "blocked"} {
		g.done(g.people[role], "POST", "message/single", m{"roomId": g.single, "content": secrets[1]})
	}
	g.block(true)
	g.news()
	g.changes()
	return s
}

// secrets is what was said in the group and in the personal room.
var secrets = []string{"in the group", "between us"}

// block has the personal room blocked, or not.
func (g *guarded) block(blocked bool) {
	g.Helper()
	by, other := g.people["blocker"], m{"peerEmail": g.people["blocked"].id, "peerId": g.people["blocked"].id}
	is := check(g.T, "room", g.done(by, "POST", "room/check-if-there-room", other))["blockerId"] != nil
	if is != blocked {
		g.done(by, "POST", "room/ban-chat-user", other)
	}
}

// partner is the other one of a personal room, that of the role or one that there is not yet.
func (g *guarded) partner(role string) auth.UserID {
	switch role {
	case "blocker":
		return g.people["blocked"].id
	case "blocked":
		return g.people["blocker"].id
	}
	return g.people["newcomer"].id
}

// elsewhere is a scene of rooms that do not exist.
func (s *scene) elsewhere() *scene {
	unknown := *s.guarded
	unknown.single = auth.NewID()
	return &scene{group: auth.NewID(), guarded: &unknown}
}

// news returns the names of the events that every socket has heard that are not old, and
// makes them old. Who has heard nothing is not in it.
func (g *guarded) news() map[string]string {
	g.Helper()
	g.settle()
	heard := map[string]string{}
	for name, c := range g.sockets {
		if news := c.fresh(); len(news) > 0 {
			heard[name] = names(news)
		}
	}
	return heard
}

// changes tells whether anything was stored since it was last asked, or since the scene began.
func (g *guarded) changes() bool {
	g.Helper()
	before := g.seen
	g.seen = g.database.Rows()
	return before == nil || !maps.Equal(before, g.seen)
}
