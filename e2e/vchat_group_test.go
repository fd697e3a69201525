package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

func TestVChatGroupsAreMadeInAnyForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben", "cem")
	ben, cem := w.users["ben"], w.users["cem"]
	peers, err := json.Marshal(w.ids("ben", "cem"))
	if err != nil {
		t.Fatal(err)
	}
	inParts, kind := parts(t, map[string]string{"title": "Walks", "peerEmails": string(peers)})
	asJSON := header("Content-Type", "application/json")
	form := header("Content-Type", "application/x-www-form-urlencoded")
	tests := map[string]struct {
		body any
		kind change
	}{
		"a list":             {obj{"title": "Walks", "peerEmails": list{ben.email, cem.id}}, asJSON},
		"the text of a list": {obj{"title": "Walks", "peerEmails": string(peers)}, asJSON},
		"parts":              {inParts, kind},
		"repeated":           {"title=Walks&peerEmails=" + ben.id + "&peerEmails=" + cem.id, form},
	}
	for name, tt := range tests {
		w.row(name, func() {
			w.as("ana").like(wireRoom(obj{
				"title": "Walks", "roomType": "groupChat", "creatorId": w.users["ana"].id, "roomMembersCount": 3,
				"peerId": nil, "peerEmail": nil, "blockerId": nil,
				"groupSetting": wireSetting(obj{"role": "admin", "isGroupCreator": true, "roomMembersCount": 3, "name": "Walks"}),
				"lastMessage":  wireMessage(obj{"messageType": "create", "senderId": w.users["ana"].id}),
			}), http.MethodPost, "room/group", tt.body, tt.kind)
		})
	}
	w.row("refusals", func() {
		w.as("ana").fails(http.StatusBadRequest, http.MethodPost, "room/group", obj{"peerEmails": w.ids("ben")})
		w.as("ana").fails(http.StatusNotFound, http.MethodPost, "room/group", obj{"title": "x", "peerEmails": list{nobodysID}})
	})
}

// groupStory is a group with what its members see of it.
type groupStory struct {
	w    *world
	room string
	home map[string]app // sockets in the main namespace
	page app            // Ben's in /message
}

// changed has somebody do something to the group, and checks the entry that everybody sees.
func (g groupStory) changed(by, path string, body obj, entry obj, seenBy ...string) {
	g.w.t.Helper()
	for _, a := range g.home {
		a.forget()
	}
	g.page.forget()
	g.w.as(by).say(path, body)
	entry["senderId"], entry["roomId"] = g.w.users[by].id, g.room
	g.page.hears("new_message", wireMessage(entry))
	for _, name := range seenBy {
		g.home[name].hears("update_one_room", wireRoom(obj{"_id": g.room, "lastMessage": wireMessage(entry)}))
	}
}

func TestVChatGroup(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		w.registered("ana", "ben", "cem", "zoe")
		ana, ben, cem, zoe := w.users["ana"], w.users["ben"], w.users["cem"], w.users["zoe"]
		g := groupStory{w: w, home: map[string]app{}}
		for _, name := range []string{"ana", "ben", "cem", "zoe"} {
			g.home[name] = w.arrive(name, how)
		}
		g.room = w.wireGroup("ana", "Walks", "ben")
		for _, name := range []string{"ana", "ben"} {
			g.home[name].hears("update_one_room", wireRoom(obj{"_id": g.room, "lastMessage": wireMessage(obj{"messageType": "create", "senderId": ana.id})}))
		}
		g.page, _ = w.enter("ben", g.room, how)
		id := func(more obj) obj { more["roomId"] = g.room; return more }

		w.row("add", func() {
			g.changed("ana", "room/add-member", id(obj{"peersId": list{cem.email}}), obj{"messageType": "add", "content": cem.name}, "ana", "ben", "cem")
			check(w.t, "the room", g.home["cem"].join(), list{wireRoom(obj{
				"_id": g.room, "roomMembersCount": 3,
				"groupSetting": wireSetting(obj{"role": "member", "isGroupCreator": false, "roomMembersCount": 3}),
			})})
		})
		w.row("members", func() {
			w.as("cem").like(list{
				wireMember(obj{"_id": ana.id, "name": ana.name, "email": ana.email, "role": "admin"}),
				wireMember(obj{"_id": ben.id, "name": ben.name, "email": ben.email, "role": "member"}),
				wireMember(obj{"_id": cem.id, "name": cem.name, "email": cem.email, "role": "member"}),
			}, http.MethodGet, fmt.Sprint("room/group-members?lastIndex=1&roomId=", g.room), nil)
			w.as("cem").like(list{}, http.MethodGet, fmt.Sprint("room/group-members?lastIndex=2&roomId=", g.room), nil)
			w.as("zoe").fails(http.StatusNotFound, http.MethodGet, fmt.Sprint("room/group-members?lastIndex=1&roomId=", g.room), nil)
		})
		w.row("only admins rule", func() {
			for path, body := range map[string]obj{
				"room/add-member": {"peersId": list{zoe.id}}, "room/kick-member": {"peerId": cem.id},
				"room/update-group-info": {"groupName": "x"}, "room/update-member-state": {"peerId": cem.id, "state": "admin"},
			} {
				w.as("ben").fails(http.StatusForbidden, http.MethodPost, path, id(body))
				w.as("zoe").fails(http.StatusNotFound, http.MethodPost, path, id(body))
			}
		})
		w.row("upgrade", func() {
			g.changed("ana", "room/update-member-state", id(obj{"peerId": ben.id, "state": "admin"}), obj{"messageType": "upgrade", "content": ben.name}, "ana", "ben", "cem")
			check(w.t, "the room", g.home["ben"].join(), list{wireRoom(obj{"groupSetting": wireSetting(obj{"role": "admin", "isGroupCreator": false})})})
		})
		w.row("an admin rules, but not the creator, nor themself", func() {
			w.as("ben").fails(http.StatusForbidden, http.MethodPost, "room/kick-member", id(obj{"peerId": ana.id}))
			w.as("ben").fails(http.StatusBadRequest, http.MethodPost, "room/kick-member", id(obj{"peerId": ben.id}))
			w.as("ben").fails(http.StatusBadRequest, http.MethodPost, "room/update-member-state", id(obj{"peerId": cem.id, "state": "king"}))
			for _, a := range g.home {
				a.forget()
			}
			w.as("ben").like(exact{"name": "Strolls", "imageThumb": fileName}, http.MethodPost, "room/update-group-info", id(obj{"groupName": "Strolls"}))
			for _, name := range []string{"ana", "ben", "cem"} {
				g.home[name].hears("update_one_room", wireRoom(obj{
					"_id": g.room, "title": "Strolls", "groupSetting": wireSetting(obj{"name": "Strolls"}),
					"lastMessage": wireMessage(obj{"messageType": "info", "senderId": ben.id}),
				}))
			}
		})
		w.row("downgrade", func() {
			g.changed("ana", "room/update-member-state", id(obj{"peerId": ben.id, "state": "member"}), obj{"messageType": "downgrade", "content": ben.name}, "ana", "ben", "cem")
		})
		w.row("kick", func() {
			g.changed("ana", "room/kick-member", id(obj{"peerId": cem.id}), obj{"messageType": "kick", "content": cem.name}, "ana", "ben")
			g.home["cem"].hears("kick_from_group", g.room)
			g.home["cem"].hears("all_rooms", list{})
			w.write("ana", "group", g.room, "without Cem")
			for _, name := range []string{"ana", "ben"} {
				g.home[name].hears("update_one_room", wireRoom(obj{"lastMessage": wireMessage(obj{"content": "without Cem"})}))
			}
			check(w.t, "Cem's rooms", g.home["cem"].join(), list{})
			g.home["cem"].heardNothing("update_one_room", obj{"lastMessage": obj{"content": "without Cem"}})
			for _, name := range []string{"ana", "ben"} {
				g.home[name].heardNothing("kick_from_group", g.room)
				g.home[name].heardNothing("all_rooms", each{obj{}})
			}
			w.as("cem").fails(http.StatusNotFound, http.MethodGet, messagePath(g.room, "first"), nil)
		})
		w.row("leave, by either route", func() {
			for _, path := range []string{"room/leave-group-chat", "room/kick-member"} {
				w.as("ana").say("room/add-member", id(obj{"peersId": list{cem.id}}))
				g.home["cem"].hears("update_one_room", wireRoom(obj{"_id": g.room}))
				g.changed("cem", path, obj{"groupId": g.room}, obj{"messageType": "leave", "content": cem.name}, "ana", "ben")
				g.home["cem"].hears("all_rooms", list{})
				g.home["cem"].heardNothing("kick_from_group", g.room)
			}
		})
		w.row("the creator leaves and the longest-standing one follows", func() {
			for _, a := range g.home {
				a.forget()
			}
			w.as("ana").say("room/leave-group-chat", obj{"groupId": g.room})
			g.home["ana"].hears("all_rooms", list{})
			g.home["ben"].hears("update_one_room", wireRoom(obj{
				"_id": g.room, "roomMembersCount": 1, "groupSetting": wireSetting(obj{"role": "admin", "isGroupCreator": true}),
				"lastMessage": wireMessage(obj{"messageType": "leave", "content": ana.name, "senderId": ana.id}),
			}))
		})
		w.row("the last one out ends it", func() {
			w.as("ben").say("room/leave-group-chat", obj{"groupId": g.room})
			g.home["ben"].hears("all_rooms", list{})
			w.as("ben").fails(http.StatusNotFound, http.MethodGet, messagePath(g.room, "first"), nil)
		})
		w.row("who is not in it never heard of it", func() {
			g.home["zoe"].join()
			if n := len(g.home["zoe"].events()); n != 0 {
				w.t.Errorf("Zoe heard %v", g.home["zoe"].events())
			}
		})
	})
}
