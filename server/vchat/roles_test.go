package vchat_test

import (
	"net/http"
	"testing"
)

// What only the owner, or nobody, may do.
func TestRolesInAGroup(t *testing.T) {
	h := newHouse(t)
	owner, admin, plain, stranger := h.person("Owner"), h.person("Admin"), h.person("Plain"), h.person("Stranger")
	single, group := h.single(owner, plain, "x").text("_id"), h.group(owner, admin, plain).text("_id")
	h.done(owner, "POST", "room/update-member-state", m{"roomId": group, "peerId": admin.id, "state": "admin"})
	for name, tt := range map[string]struct {
		by   person
		path string
		body m
		want int
	}{
		"an admin kicks the owner":     {admin, "room/kick-member", m{"roomId": group, "peerId": owner.id}, 403},
		"an admin demotes the owner":   {admin, "room/update-member-state", m{"roomId": group, "peerId": owner.id, "state": "member"}, 403},
		"the owner kicks themself":     {owner, "room/kick-member", m{"roomId": group, "peerId": owner.id}, 400},
		"somebody who is not there":    {owner, "room/kick-member", m{"roomId": group, "peerId": stranger.id}, 404},
		"a role that there is not":     {owner, "room/update-member-state", m{"roomId": group, "peerId": plain.id, "state": "king"}, 400},
		"a personal room's members":    {owner, "room/add-member", m{"roomId": single, "peersId": []any{stranger.id}}, 404},
		"a personal message to all":    {owner, "message/single", m{"roomId": group, "content": "x"}, 404},
		"a group message to one":       {owner, "message/group", m{"roomId": single, "content": "x"}, 404},
		"a room that can't be":         {owner, "message/group", m{"roomId": "x", "content": "x"}, 404},
		"no room":                      {owner, "message/group", m{"content": "x"}, 400},
		"nothing":                      {owner, "message/group", m{"roomId": group, "content": ""}, 400},
		"a group without a name":       {owner, "room/group", m{"peerEmails": []any{plain.id}}, 400},
		"blocking who one has no room": {admin, "room/ban-chat-user", m{"peerId": stranger.id}, 404},
		"blocking oneself":             {admin, "room/ban-chat-user", m{"peerId": admin.id}, 400},
	} {
		if got := h.call(tt.by, http.MethodPost, tt.path, tt.body); got.status != tt.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.data, tt.want)
		}
	}
}
