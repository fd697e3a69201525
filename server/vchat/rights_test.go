package vchat_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"expresschat/auth"
)

// right says what comes of a request, by the role of who makes it.
type right struct {
	// cells are statuses, of the roles in their order. 404 is in the words for what does not
	// exist, out is so in those for somebody who is not in the group.
	cells string
	route string // method and path
	what  string // which case of the route
	ask   func(s *scene, role string) any
}

// query is what is asked for by the address alone.
type query string

// parcel is fields that come in parts, with a picture behind them.
type parcel m

func pictured(fields func(*scene, string) any) func(*scene, string) any {
	return func(s *scene, role string) any { return parcel(fields(s, role).(m)) }
}

func (p parcel) pieces(t T) []piece {
	var all []piece
	for name, v := range p {
		text := strings.Trim(toJSON(t, v), `"`) // a list is its JSON
		all = append(all, piece{name, text, ""})
	}
	return append(all, piece{"file", drawing(1), "a.png"})
}

// rights has rows for every route.
var rights = []right{
	// no  out strg form blkd blkr memb adm own
	{"200 200 200 200 200 200 200 200 200", "POST /user/register", "", body(m{"name": "New", "password": "x"}, "email", anew)},
	{"404 200 200 200 200 200 200 200 200", "POST /user/login", "", body(m{"password": "open-sesame"}, "email", ownEmail)},
	{"401 401 200 200 200 200 200 200 200", "PATCH /user", "", body(m{}, "name", anew)},
	{"200 200 200 200 200 200 200 200 200", "POST /user/register", "with a picture", pictured(body(m{"name": "New", "password": "x"}, "email", anew))},
	{"401 401 200 200 200 200 200 200 200", "PATCH /user", "with a picture", pictured(body(m{}, "name", anew))},
	{"401 401 200 200 200 200 200 200 200", "GET /user", "", address("?lastId=first")},
	{"401 401 200 200 200 200 200 200 200", "GET /user/search", "", address("?query=own")},
	{"401 401 200 200 200 200 200 200 200", "GET /user/:id", "", userOf("owner")},
	{"401 401 200 200 200 200 200 200 200", "GET /user/:id", "a blocker's", userOf("blocker")},

	{"401 401 200 200 200 200 200 200 200", "GET /room", "", address("?page=0")},
	{"401 401 200 200 403 403 200 200 200", "POST /room/single", "", body(m{"message": "x"}, "peerEmail", thePartner)},
	{"401 401 404 404 404 404 404 404 404", "POST /room/single", "with nobody", body(m{"message": "x"}, "peerEmail", nobodys)},
	{"401 401 400 400 400 400 400 400 400", "POST /room/single", "with oneself", body(m{"message": "x"}, "peerEmail", ownEmail)},
	{"401 401 200 200 200 200 200 200 200", "POST /room/check-if-there-room", "", body(m{}, "peerEmail", thePartner)},
	{"401 401 404 404 404 404 404 404 404", "POST /room/check-if-there-room", "with nobody", body(m{}, "peerEmail", nobodys)},

	{"401 401 200 200 200 200 200 200 200", "POST /room/group", "", body(m{"title": "x"}, "peerEmails", thePartner)},
	{"401 401 200 200 200 200 200 200 200", "POST /room/group", "with a picture", pictured(body(m{"title": "x"}, "peerEmails", thePartner))},
	{"401 401 404 404 404 404 404 404 404", "POST /room/group", "of nobody, with a picture", pictured(body(m{"title": "x"}, "peerEmails", nobodys))},
	{"401 401 404 404 404 404 404 404 404", "POST /room/group", "with nobody", body(m{"title": "x"}, "peerEmails", nobodys)},
	{"401 401 404 404 404 404 403 200 200", "POST /room/add-member", "", inGroup("peersId", "newcomer")},
	{"401 401 404 404 404 404 403 200 200", "POST /room/add-member", "who was here before", inGroup("peersId", "former")},
	{"401 401 404 404 404 404 403 200 200", "POST /room/add-member", "oneself", inGroup("peersId", "me")},
	{"401 401 404 404 404 404 404 404 404", "POST /room/add-member", "of two", inSingle("peersId", "newcomer")},
	{"401 401 404 404 404 404 403 200 200", "POST /room/kick-member", "", inGroup("peerId", "bystander")},
	{"401 401 404 404 404 404 403 403 400", "POST /room/kick-member", "the owner", inGroup("peerId", "owner")},
	{"401 401 404 404 404 404 403 400 400", "POST /room/kick-member", "oneself", inGroup("peerId", "me")},
	{"401 401 404 404 404 404 403 out out", "POST /room/kick-member", "an outsider", inGroup("peerId", "newcomer")},
	{"401 401 404 404 404 404 404 404 404", "POST /room/kick-member", "of two", inSingle("peerId", "blocked")},
	{"401 401 404 404 404 404 200 200 200", "POST /room/kick-member", "without a member", body(m{}, "groupId", theGroup)},
	{"401 401 404 404 404 404 200 200 200", "POST /room/leave-group-chat", "", body(m{}, "groupId", theGroup)},
	{"401 401 404 404 404 404 404 404 404", "POST /room/leave-group-chat", "of two", body(m{}, "groupId", theSingle)},
	{"401 401 404 404 404 404 403 200 200", "POST /room/update-group-info", "", body(m{"groupName": "x"}, "roomId", theGroup)},
	{"401 401 404 404 404 404 403 200 200", "POST /room/update-group-info", "with a picture", pictured(body(m{}, "roomId", theGroup))},
	{"401 401 404 404 404 404 404 404 404", "POST /room/update-group-info", "of two, with a picture", pictured(body(m{}, "roomId", theSingle))},
	{"401 401 404 404 404 404 404 404 404", "POST /room/update-group-info", "of two", body(m{"groupName": "x"}, "roomId", theSingle)},
	{"401 401 404 404 404 404 403 200 200", "POST /room/update-member-state", "", state("admin", "bystander")},
	{"401 401 404 404 404 404 403 403 403", "POST /room/update-member-state", "the owner", state("member", "owner")},
	{"401 401 404 404 404 404 403 out out", "POST /room/update-member-state", "an outsider", state("admin", "newcomer")},
	{"401 401 404 404 404 404 200 200 200", "GET /room/group-members", "", ofRoom(theGroup)},
	{"401 401 404 404 404 404 404 404 404", "GET /room/group-members", "of two", ofRoom(theSingle)},

	{"401 401 404 404 404 404 200 200 200", "POST /room/chat-notification", "", body(m{}, "roomId", theGroup)},
	{"401 401 404 404 200 200 404 404 404", "POST /room/chat-notification", "of two", body(m{}, "roomId", theSingle)},
	{"401 401 404 404 403 200 404 404 404", "POST /room/ban-chat-user", "", body(m{}, "peerId", theOther)},
	{"401 401 400 400 400 400 400 400 400", "POST /room/ban-chat-user", "oneself", body(m{}, "peerId", ownID)},

	{"401 401 404 404 404 404 200 200 200", "GET /message", "", ofRoom(theGroup)},
	{"401 401 404 404 200 200 404 404 404", "GET /message", "of two", ofRoom(theSingle)},
	{"401 401 404 404 403 403 404 404 404", "POST /message/single", "", body(m{"content": "x"}, "roomId", theSingle)},
	{"401 401 404 404 403 403 404 404 404", "POST /message/single", "a picture", pictured(body(m{"type": "image"}, "roomId", theSingle))},
	{"401 401 404 404 404 404 404 404 404", "POST /message/single", "a picture, a group", pictured(body(m{"type": "image"}, "roomId", theGroup))},
	{"401 401 404 404 404 404 404 404 404", "POST /message/single", "a group", body(m{"content": "x"}, "roomId", theGroup)},
	{"401 401 404 404 404 404 200 200 200", "POST /message/group", "", body(m{"content": "x"}, "roomId", theGroup)},
	{"401 401 404 404 404 404 200 200 200", "POST /message/group", "a picture", pictured(body(m{"type": "image"}, "roomId", theGroup))},
	{"401 401 404 404 404 404 404 404 404", "POST /message/group", "a picture, of two", pictured(body(m{"type": "image"}, "roomId", theSingle))},
	{"401 401 404 404 404 404 404 404 404", "POST /message/group", "of two", body(m{"content": "x"}, "roomId", theSingle)},
}

// unchanging are the requests that are carried out and change nothing.
func (r right) unchanging() bool {
	return strings.HasPrefix(r.route, "GET ") || r.route == "POST /room/check-if-there-room" || r.what == "oneself"
}

// spends tells whether people of a scene have other roles once the request was carried out.
func (r right) spends() bool {
	switch strings.TrimPrefix(r.route, "POST /room/") {
	case "add-member", "kick-member", "leave-group-chat", "update-member-state", "ban-chat-user":
		return true
	}
	return false
}

// What a body names.
func anew(*scene, string) any            { return "new-" + auth.NewID() }
func nobodys(*scene, string) any         { return auth.NewID() }
func ownEmail(s *scene, role string) any { return s.people[role].email }
func ownID(s *scene, role string) any    { return s.people[role].id }
func theGroup(s *scene, _ string) any    { return s.group }
func theSingle(s *scene, _ string) any   { return s.guarded.single }
func thePartner(s *scene, r string) any  { return s.guarded.partner(r) }

// theOther is the other one of the personal room, or somebody with whom one has none.
func theOther(s *scene, role string) any {
	if slices.Contains(company("blocker"), role) {
		return s.partner(role)
	}
	return s.people["hermit"].id
}

func address(q query) func(*scene, string) any {
	return func(*scene, string) any { return q }
}

func userOf(name string) func(*scene, string) any {
	return func(s *scene, _ string) any { return query("/" + string(s.people[name].id)) }
}

func ofRoom(of func(*scene, string) any) func(*scene, string) any {
	return func(s *scene, role string) any { return query(fmt.Sprintf("?roomId=%s", of(s, role))) }
}

// body is fields with one more.
func body(fields m, key string, value func(*scene, string) any) func(*scene, string) any {
	return func(s *scene, role string) any {
		all := m{key: value(s, role)}
		for k, v := range fields {
			all[k] = v
		}
		if strings.HasSuffix(key, "s") || key == "peersId" {
			all[key] = []any{all[key]}
		}
		return all
	}
}

// inGroup is about somebody in the group.
func inGroup(key, name string) func(*scene, string) any { return about(theGroup, key, name) }

func inSingle(key, name string) func(*scene, string) any { return about(theSingle, key, name) }

func about(in func(*scene, string) any, key, name string) func(*scene, string) any {
	return func(s *scene, role string) any {
		who := name
		if who == "me" {
			who = role
		}
		id := func(*scene, string) any { return s.people[who].id }
		if role == "nobody" {
			id = nobodys
		}
		return body(m{"roomId": in(s, role)}, key, id)(s, role)
	}
}

func state(state, name string) func(*scene, string) any {
	return func(s *scene, role string) any {
		all := inGroup("peerId", name)(s, role).(m)
		all["state"] = state
		return all
	}
}

// Whoever is refused changes nothing, nobody hears of it, and a room that they are not in is
// answered like one that does not exist. Whoever is not refused does change something, and
// it stays in company.
func TestRights(t *testing.T) {
	g := newGuarded(t)
	s := g.scene()
	for _, r := range rights {
		cells := strings.Fields(r.cells)
		s.changes()
		for i, role := range roles {
			if cells[i] != "200" || r.unchanging() {
				r.answered(s, role, cells[i])
			}
		}
		if heard := s.news(); len(heard) > 0 || s.changes() {
			t.Errorf("%s %s, which changes nothing: heard %v, or stored", r.route, r.what, heard)
		}
		for i, role := range roles {
			if cells[i] == "200" && !r.unchanging() {
				r.carriedOut(s, role)
				if r.spends() {
					s = g.scene()
				}
			}
		}
	}
}

// answered has somebody make the request and checks the answer.
func (r right) answered(s *scene, role, cell string) {
	s.Helper()
	want, err := strconv.Atoi(strings.Replace(cell, "out", "404", 1))
	s.must(err)
	got := r.send(s, role)
	if got.status != want {
		s.Errorf("%s %s by %s: %d %s, want %d", r.route, r.what, role, got.status, got.data, want)
	}
	if cell == "404" {
		if unknown := r.send(s.elsewhere(), role); unknown.status != got.status || unknown.data != got.data {
			s.Errorf("%s %s by %s: %s, but of unknown ones %s", r.route, r.what, role, got.data, unknown.data)
		}
	}
	s.checkSecrets(r.route, role, got.data)
}

// carriedOut checks that the request changes something, and who hears of it.
func (r right) carriedOut(s *scene, role string) {
	s.Helper()
	s.changes()
	r.answered(s, role, "200")
	for socket, events := range s.news() {
		whose, _, _ := strings.Cut(socket, "'")
		if whose != role && !slices.Contains(company(role), whose) && !r.names(s, role, whose) {
			s.Errorf("%s %s by %s: %s heard %s", r.route, r.what, role, socket, events)
		}
	}
	if !s.changes() {
		s.Errorf("%s %s by %s: nothing was stored", r.route, r.what, role)
	}
}

// names tells whether the request is about somebody.
func (r right) names(s *scene, role, other string) bool {
	return strings.Contains(toJSON(s.T, r.ask(s, role)), string(s.people[other].id))
}

func (r right) send(s *scene, role string) reply {
	s.Helper()
	method, path, _ := strings.Cut(r.route, " /")
	path = strings.TrimSuffix(path, "/:id")
	asked := r.ask(s, role)
	if q, isQuery := asked.(query); isQuery {
		return s.call(s.people[role], method, path+string(q), nil)
	}
	if p, inParts := asked.(parcel); inParts {
		return s.post(s.people[role], method, path, p.pieces(s.T)...)
	}
	return s.call(s.people[role], method, path, asked)
}

// checkSecrets looks in what somebody was told for what they are not in.
func (s *scene) checkSecrets(name, role, told string) {
	s.Helper()
	in := company(role)
	if !slices.Contains(in, "owner") && (strings.Contains(told, s.group) || strings.Contains(told, secrets[0])) {
		s.Errorf("%s: told of the group: %s", name, told)
	}
	if !slices.Contains(in, "blocker") && (strings.Contains(told, s.guarded.single) || strings.Contains(told, secrets[1])) {
		s.Errorf("%s: told of the personal room: %s", name, told)
	}
}

// The table lists the routes that there are.
func TestRightsOfEveryRoute(t *testing.T) {
	h := newHouse(t)
	var listed, served []string
	for _, r := range rights {
		listed = append(listed, r.route)
	}
	for _, r := range h.routes {
		path, ours := strings.CutPrefix(r.Path, "/api/v1")
		if ours && !strings.HasPrefix(path, "/public/") && path != "" && path != "/*" { // the others are for everybody
			served = append(served, r.Method+" "+path)
		}
	}
	sameNames(t, listed, served)
}

// sameNames fails unless a table lists what there is.
func sameNames(t T, listed, there []string) {
	t.Helper()
	slices.Sort(listed)
	slices.Sort(there)
	if listed := slices.Compact(listed); !slices.Equal(listed, there) {
		t.Errorf("the table lists %v, there are %v", listed, there)
	}
}
