package vchat_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"expresschat/auth"
)

// scene is a personal room and a group with somebody of every role, and somebody outside.
type scene struct {
	owner, admin, plain, stranger person
	single, group                 string
}

func (h *house) scene() scene {
	h.Helper()
	s := scene{owner: h.person("Owner"), admin: h.person("Admin"), plain: h.person("Plain"), stranger: h.person("Stranger")}
	s.single = h.single(s.owner, s.plain, "x").text("_id")
	s.group = h.group(s.owner, s.admin, s.plain).text("_id")
	h.done(s.owner, "POST", "room/update-member-state", m{"roomId": s.group, "peerId": s.admin.id, "state": "admin"})
	return s
}

// rights has a row for every route: what those who are in the room may not do, and what a
// stranger to it hears. Routes that are about nobody else's room have no row for strangers.
var rights = []struct {
	route    string
	body     func(s scene) m
	query    func(s scene) string
	plain    int // status for an ordinary member
	stranger int
}{
	{route: "GET /user", stranger: 200, plain: 200},
	{route: "GET /user/search", stranger: 200, plain: 200},
	{route: "GET /user/:id", query: func(s scene) string { return "/" + string(s.owner.id) }, stranger: 200, plain: 200},
	{route: "PATCH /user", body: func(scene) m { return m{"appLanguage": "de"} }, stranger: 200, plain: 200},
	{route: "GET /room", stranger: 200, plain: 200},
	{route: "POST /room/single", body: func(s scene) m { return m{"peerEmail": auth.NewID(), "message": "x"} }, stranger: 404, plain: 404},
	{route: "POST /room/check-if-there-room", body: func(s scene) m { return m{"peerEmail": s.owner.id} }, stranger: 200, plain: 200},
	{route: "POST /room/group", body: func(s scene) m { return m{"title": "x", "peerEmails": []string{auth.NewID()}} }, stranger: 404, plain: 404},
	{route: "POST /room/add-member", body: func(s scene) m { return m{"roomId": s.group, "peersId": []any{s.stranger.id}} }, stranger: 404, plain: 403},
	{route: "POST /room/kick-member", body: func(s scene) m { return m{"roomId": s.group, "peerId": s.admin.id} }, stranger: 404, plain: 403},
	{route: "POST /room/leave-group-chat", body: func(s scene) m { return m{"groupId": s.group + "x"} }, stranger: 404, plain: 404},
	{route: "POST /room/update-group-info", body: func(s scene) m { return m{"roomId": s.group, "groupName": "x"} }, stranger: 404, plain: 403},
	{route: "POST /room/update-member-state", body: func(s scene) m { return m{"roomId": s.group, "peerId": s.plain.id, "state": "admin"} }, stranger: 404, plain: 403},
	{route: "GET /room/group-members", query: func(s scene) string { return "?roomId=" + s.group }, stranger: 404, plain: 200},
	{route: "POST /room/chat-notification", body: func(s scene) m { return m{"roomId": s.group} }, stranger: 404, plain: 200},
	{route: "POST /room/ban-chat-user", body: func(s scene) m { return m{"peerId": s.owner.id} }, stranger: 404, plain: 200},
	{route: "GET /message", query: func(s scene) string { return "?lastId=first&roomId=" + s.group }, stranger: 404, plain: 200},
	{route: "POST /message/single", body: func(s scene) m { return m{"roomId": s.single, "content": "x"} }, stranger: 404, plain: 403}, // blocked by then
	{route: "POST /message/group", body: func(s scene) m { return m{"roomId": s.group, "content": "x"} }, stranger: 404, plain: 200},
}

func TestRights(t *testing.T) {
	h := newHouse(t)
	s := h.scene()
	for _, r := range rights {
		method, path, _ := strings.Cut(r.route, " /")
		path = strings.TrimSuffix(path, "/:id")
		if r.query != nil {
			path += r.query(s)
		}
		var body any
		if r.body != nil {
			body = r.body(s)
		}
		for _, who := range []struct {
			person
			want int
		}{{s.stranger, r.stranger}, {s.plain, r.plain}, {person{}, 401}, {person{token: "xxx"}, 401}} {
			if got := h.call(who.person, method, path, body); got.status != who.want {
				t.Errorf("%s by %q: %d %s, want %d", r.route, who.name, got.status, got.data, who.want)
			}
		}
	}
}

// Unknown rooms and those of others are answered alike.
func TestStrangersCantTell(t *testing.T) {
	h := newHouse(t)
	s := h.scene()
	for _, r := range rights {
		if r.stranger != 404 || r.body == nil {
			continue
		}
		method, path, _ := strings.Cut(r.route, " /")
		theirs := r.body(s)
		unknown := m{}
		for key, value := range theirs {
			if key == "roomId" || key == "groupId" {
				value = auth.NewID()
			}
			unknown[key] = value
		}
		a, b := h.call(s.stranger, method, path, theirs), h.call(s.stranger, method, path, unknown)
		if a.status != b.status || a.data != b.data {
			t.Errorf("%s: %+v, and of an unknown one %+v", r.route, a, b)
		}
	}
}

// The table above knows every route of the door.
func TestRightsOfEveryRoute(t *testing.T) {
	h := newHouse(t)
	known := []string{"POST /user/register", "POST /user/login"}
	for _, r := range rights {
		known = append(known, r.route)
	}
	for _, r := range h.routes {
		path, ours := strings.CutPrefix(r.Path, "/api/v1")
		if !ours || strings.HasPrefix(path, "/public/") || path == "" || path == "/*" {
			continue
		}
		if !slices.Contains(known, r.Method+" "+path) {
			t.Errorf("nobody checks the rights of %s %s", r.Method, path)
		}
	}
}

// What only the owner, or nobody, may do.
func TestRolesInAGroup(t *testing.T) {
	h := newHouse(t)
	s := h.scene()
	for name, tt := range map[string]struct {
		by   person
		path string
		body m
		want int
	}{
		"an admin kicks the owner":     {s.admin, "room/kick-member", m{"roomId": s.group, "peerId": s.owner.id}, 403},
		"an admin demotes the owner":   {s.admin, "room/update-member-state", m{"roomId": s.group, "peerId": s.owner.id, "state": "member"}, 403},
		"the owner kicks themself":     {s.owner, "room/kick-member", m{"roomId": s.group, "peerId": s.owner.id}, 400},
		"somebody who is not there":    {s.owner, "room/kick-member", m{"roomId": s.group, "peerId": s.stranger.id}, 404},
		"a role that there is not":     {s.owner, "room/update-member-state", m{"roomId": s.group, "peerId": s.plain.id, "state": "king"}, 400},
		"a personal room's members":    {s.owner, "room/add-member", m{"roomId": s.single, "peersId": []any{s.stranger.id}}, 404},
		"a personal message to all":    {s.owner, "message/single", m{"roomId": s.group, "content": "x"}, 404},
		"a group message to one":       {s.owner, "message/group", m{"roomId": s.single, "content": "x"}, 404},
		"a room that can't be":         {s.owner, "message/group", m{"roomId": "x", "content": "x"}, 404},
		"no room":                      {s.owner, "message/group", m{"content": "x"}, 400},
		"nothing":                      {s.owner, "message/group", m{"roomId": s.group, "content": ""}, 400},
		"a group without a name":       {s.owner, "room/group", m{"peerEmails": []any{s.plain.id}}, 400},
		"blocking who one has no room": {s.admin, "room/ban-chat-user", m{"peerId": s.stranger.id}, 404},
		"blocking oneself":             {s.admin, "room/ban-chat-user", m{"peerId": s.admin.id}, 400},
	} {
		if got := h.call(tt.by, http.MethodPost, tt.path, tt.body); got.status != tt.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.data, tt.want)
		}
	}
}
