package e2e

import (
	"net/http"
	"testing"
)

// A refusal closes, and does not leave it to the client.
func TestVChatClosesWhomItRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for _, namespace := range []string{"", "/message,"} {
		t.Run("40"+namespace, func(t *testing.T) {
			t.Parallel()
			f := dialFrames(t, w.s, "EIO=4", authorization("xxx"))
			f.opened(obj{})
			f.send("40" + namespace)
			f.refused("44" + namespace)
			f.closed()
		})
	}
}

// A single room has the peer's name for its title, so a new name changes the room.
func TestVChatANewNameIsAnUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana", "ben")
	room := w.single("ana", "ben", "hi")
	ofBen := w.arrive("ben", appStyles()[0])
	w.as("ana").like(wireUser(nil), http.MethodPatch, "user", obj{"name": "Anna"})
	ofBen.hears("update_one_room", wireRoom(obj{"_id": room, "title": "Anna"}))
}
