package store_test

import (
	"fmt"
	"testing"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/store"
	"expresschat/store/storetest"
)

// world is a store with people in it.
type world struct {
	testing.TB
	*store.Store
	people map[auth.UserID]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return worldOf(t)
}

func worldOf(t testing.TB) *world {
	t.Helper()
	return &world{TB: t, Store: storetest.Open(t), people: map[auth.UserID]string{}}
}

// person signs somebody up and verifies them.
func (w *world) person(name string) auth.UserID {
	w.Helper()
	id := auth.NewUserID()
	email := fmt.Sprintf("%s-%s@example.org", name, id)
	su := auth.SignUp{ID: id, Email: email, Name: name, PasswordHash: "hash", Code: code("c", auth.FromWeb)}
	w.must(w.SaveSignUp(w.Context(), su, auth.Letter{To: email}))
	session := auth.Session{ID: auth.NewSessionID(), Kind: auth.PairSession, ExpiresAt: time.Now().Add(time.Hour)}
	_, verdict, err := w.Redeem(w.Context(), auth.EmailKey(email), session, func(auth.SignUp) auth.Verdict { return auth.Granted })
	w.must(err)
	if verdict != auth.Granted {
		w.Fatalf("verdict %v", verdict)
	}
	w.people[id] = name
	return id
}

func code(hash string, source auth.Source) auth.CodeState {
	return auth.CodeState{Source: source, Hash: []byte(hash), ExpiresAt: time.Now().Add(time.Minute)}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func stamp() bus.Stamp {
	return bus.Stamp{ID: bus.NewMessageID(), At: time.Now().UTC().Truncate(time.Millisecond)}
}

func by(u auth.UserID) auth.Actor { return auth.Actor{User: u, Conn: "conn"} }

// personal opens the chat of two people.
func (w *world) personal(a, b auth.UserID) bus.RoomID {
	w.Helper()
	o, _, err := w.OpenPersonal(w.Context(), by(a), b, bus.NewRoomID(), stamp())
	w.must(err)
	return o.Room
}

// group makes a group that owner owns.
func (w *world) group(owner auth.UserID, members ...auth.UserID) bus.RoomID {
	w.Helper()
	room := bus.NewRoomID()
	_, err := w.CreateGroup(w.Context(), by(owner), room, groups.Plan{Name: "g", Members: members}, stamp())
	w.must(err)
	return room
}

// send says something in a room and returns its receipt.
func (w *world) send(u auth.UserID, room bus.RoomID, kind bus.Kind, content string) chat.Receipt {
	w.Helper()
	p := w.post(by(u), chat.Draft{Room: room, Kind: kind, Content: content}, stamp())
	w.must(p.Err)
	return p.Receipt
}

// post stores one entry.
func (w *world) post(by auth.Actor, d chat.Draft, s bus.Stamp) chat.Posted {
	w.Helper()
	return w.commit(chat.Batch{Entries: []chat.Entry{{By: by, Draft: d, Stamp: s}}})[0]
}

// commit stores entries.
func (w *world) commit(b chat.Batch) []chat.Posted {
	w.Helper()
	posted, _, err := w.Commit(w.Context(), b)
	w.must(err)
	return posted
}

// moves moves cursors.
func (w *world) moves(moves ...chat.Move) []chat.Moved {
	w.Helper()
	_, moved, err := w.Commit(w.Context(), chat.Batch{Moves: moves})
	w.must(err)
	return moved
}

// change carries out a change that is allowed.
func (w *world) change(c groups.Change) bus.Event {
	w.Helper()
	e, err := w.ChangeGroup(w.Context(), c, stamp(), func(groups.Standing) error { return nil })
	w.must(err)
	return e
}

// unread is what the list of chats says of a room, -1 if it is not there.
func (w *world) unread(u auth.UserID, room bus.RoomID) int64 {
	w.Helper()
	list, err := w.Chats(w.Context(), u)
	w.must(err)
	for _, s := range list {
		if s.Room == room {
			return s.Unread
		}
	}
	return -1
}

func (w *world) read(u auth.UserID, room bus.RoomID, kind bus.Kind, upTo int64) (chat.Cursor, bus.Event) {
	w.Helper()
	m := w.moves(chat.Move{By: by(u), Room: room, Kind: kind, UpTo: upTo, Newest: upTo == 0, Stamp: stamp()})[0]
	w.must(m.Err)
	return m.Cursor, m.Event
}

// paint gives somebody a picture.
func (w *world) paint(u auth.UserID, picture string) {
	w.Helper()
	w.must(w.Execute(w.Context(), `UPDATE users SET picture = $2 WHERE id = $1`, u, picture))
}

// block has u block a personal room, or lift their block.
func (w *world) block(u auth.UserID, room bus.RoomID) {
	w.Helper()
	_, _, err := w.ToggleBlock(w.Context(), by(u), room, stamp())
	w.must(err)
}
