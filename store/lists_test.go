package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/sql"
	"expresschat/store"
	"expresschat/store/storetest"
)

func (w *world) lists(u auth.UserID) chat.Lists {
	w.Helper()
	l, err := w.Lists(w.Context(), u)
	w.must(err)
	for i := range l.Chats {
		c := &l.Chats[i]
		c.LastAt, c.Last.At = c.LastAt.UTC(), c.Last.At.UTC()
	}
	return l
}

func TestListsOfSomebodyNew(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	l := w.lists(ana)
	if len(l.Chats) != 0 || l.Self.Room != bus.RoomID(ana) || l.Self.Partner.Name != "ana" || l.Self.Last.ID != "" || l.Self.LastAt.IsZero() {
		t.Errorf("%+v", l)
	}
}

func TestAListedPersonalChat(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room := w.personal(ana, ben)
	first := w.send(ana, room, bus.Personal, "1")
	w.read(ben, room, bus.Personal, 0)
	said := w.send(ana, room, bus.Personal, strings.Repeat("ä", chat.ListedText+1))
	w.read(ana, room, bus.Personal, 0)
	w.block(ben, room)
	_, _, err := w.ToggleMute(t.Context(), by(ben), room, stamp())
	w.must(err)
	last := chat.Message{
		ID: said.ID, Seq: 2, Type: bus.Text, Sender: ana, SenderName: "ana", Content: strings.Repeat("ä", chat.ListedText), At: said.At,
	}
	of := func(partner auth.UserID, unread int64) chat.Summary {
		return chat.Summary{
			Room: room, Kind: bus.Personal, Partner: chat.Person{ID: partner, Name: w.people[partner]},
			LastAt: said.At, Seq: 2, Unread: unread,
		}
	}
	for u, want := range map[auth.UserID]chat.Listed{
		ana: {Summary: of(ben, 0), Cursor: 2, Last: last, PartnerCursor: first.Seq, Blocker: ben},
		ben: {Summary: of(ana, 1), Cursor: first.Seq, Last: last, PartnerCursor: 2, Blocker: ben, Muted: true},
	} {
		if got := w.lists(u).Chats; len(got) != 1 || got[0] != want {
			t.Errorf("%s has %+v, want %+v", w.people[u], got, want)
		}
	}
}

// Of a file a list has what it is and what it is called, of a place where it is, and no more of
// either, however long somebody made it.
func TestAListedAttachment(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	title, long, file, north, none := strings.Repeat("t", 255), strings.Repeat("l", 1000), "f.pdf", "52.5", ""
	for _, tt := range []struct {
		d       chat.Draft
		content string
		want    *bus.Attachment
	}{
		{chat.Draft{Content: "hi", Attachment: &bus.Attachment{LinkURL: &long}}, "hi", nil},
		{chat.Draft{Type: bus.Image}, "", nil},
		{
			chat.Draft{Type: bus.File, Content: title, Attachment: &bus.Attachment{Name: &title, File: &file, LinkText: &long, MIME: &long, Bytes: 3}},
			"", &bus.Attachment{Name: &title, File: &file},
		},
		{chat.Draft{Type: bus.File, Content: long, Attachment: &bus.Attachment{Name: &none, File: &file}}, long[:chat.ListedText], &bus.Attachment{Name: &none, File: &file}},
		{chat.Draft{Type: bus.Location, Attachment: &bus.Attachment{Latitude: &north, Longitude: &long}}, "", &bus.Attachment{Latitude: &north, Longitude: text(long[:255])}},
		{chat.Draft{Type: bus.Reply, Attachment: &bus.Attachment{Picture: &file, Duration: &north}}, "", &bus.Attachment{Picture: &file, Duration: &north}},
	} {
		tt.d.Room, tt.d.Kind = bus.RoomID(ana), bus.Self
		w.must(w.post(by(ana), tt.d, stamp()).Err)
		if got := w.lists(ana).Self.Last; got.Content != tt.content || !reflect.DeepEqual(got.Attachment, tt.want) {
			t.Errorf("%s: %q and %+v, want %q and %+v", tt.d.Type, got.Content, got.Attachment, tt.content, tt.want)
		}
	}
}

// What the server says is not what was said last, nor is it where nobody has said anything.
func TestAListedGroupShowsWhatPeopleSaid(t *testing.T) {
	w := newWorld(t)
	ana, ben, cem := w.person("ana"), w.person("ben"), w.person("cem")
	room := w.group(ana, ben)
	add := func() { w.change(groups.Change{Group: room, By: by(ana), Target: cem, Type: bus.Add}) }
	kick := func() { w.change(groups.Change{Group: room, By: by(ana), Target: cem, Type: bus.Kick}) }
	add()
	if got := w.lists(ben).Chats[0]; got.Last.ID != "" || got.Seq != 2 || got.PartnerCursor != 0 || got.Partner.ID != "" {
		t.Errorf("%+v", got)
	}
	said := w.send(ben, room, bus.Group, "x")
	kick()
	if got := w.lists(ana).Chats[0]; got.Last.ID != said.ID || got.Last.Seq != 3 || got.Last.SenderName != "ben" || got.Seq != 4 || got.Name != "g" {
		t.Errorf("%+v", got)
	}
	if got := w.lists(cem).Chats; len(got) != 0 {
		t.Errorf("who was kicked has %+v", got)
	}
}

func TestNaming(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	w.paint(ana, "ana.png")
	ended := w.group(ana, ben)
	w.change(groups.Change{Group: ended, By: by(ana), Target: ana, Type: bus.Delete})
	rooms := map[bus.NamedRoom]bool{{Room: w.personal(ana, ben), Kind: bus.Personal}: true, {Room: w.group(ben, ana), Kind: bus.Group}: true}
	e, err := w.Naming(t.Context(), ana)
	w.must(err)
	for _, r := range e.Rooms {
		if !rooms[r] {
			t.Errorf("named in %+v", r)
		}
	}
	if e.User != ana || e.Name != "ana" || e.Picture != "ana.png" || len(e.Rooms) != len(rooms) {
		t.Errorf("%+v", e)
	}
	zoe := w.person("zoe")
	if e, err := w.Naming(t.Context(), zoe); err != nil || e.Name != "zoe" || len(e.Rooms) != 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := w.Naming(t.Context(), auth.NewUserID()); !errors.Is(err, chat.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
}

// Rooms that are older than the knowledge of what was said last get it from their messages.
func TestOldRoomsKnowWhatWasSaidLast(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	w := &world{TB: t, people: map[auth.UserID]string{}}
	config, err := pgx.ParseConfig(url)
	w.must(err)
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { _ = db.Close() })
	shape, err := goose.NewProvider(goose.DialectPostgres, db, sql.Migrations)
	w.must(err)
	w.Store, err = store.Open(t.Context(), url, store.Conns{Lanes: 1, Others: 2}, noLog)
	w.must(err)
	ana, ben := w.person("ana"), w.person("ben")
	silent, said := w.group(ana), w.group(ana, ben)
	receipt := w.send(ana, said, bus.Group, "x")
	w.change(groups.Change{Group: said, By: by(ana), Target: ben, Type: bus.Kick})
	w.Close()

	_, err = shape.DownTo(t.Context(), 3)
	w.must(err)
	w.Store, err = store.Open(t.Context(), url, store.Conns{Lanes: 1, Others: 2}, noLog)
	w.must(err)
	t.Cleanup(w.Close)
	for _, c := range w.lists(ana).Chats {
		want := map[bus.RoomID]bus.MessageID{silent: "", said: receipt.ID}[c.Room]
		if c.Last.ID != want {
			t.Errorf("%s shows %q, want %q", c.Room, c.Last.ID, want)
		}
	}
}
