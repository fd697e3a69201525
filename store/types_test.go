package store_test

import (
	"errors"
	"reflect"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// spoken are the types of what people send.
var spoken = []bus.Type{
	bus.Text, bus.Voice, bus.Image, bus.Video, bus.File, bus.Reply, bus.AllDeleted, bus.Location, bus.Forward,
}

func text(s string) *string { return &s }

// Whatever people say counts, can be read, and is shown as it was said.
func TestEverythingThatPeopleSayCounts(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	w.paint(ana, "ana.png")
	room := w.personal(ana, ben)
	for i, kind := range spoken {
		if !kind.SaidByPeople() {
			t.Errorf("%s is not said by people", kind)
		}
		d := chat.Draft{Room: room, Kind: bus.Personal, Type: kind, Attachment: &bus.Attachment{File: text("f.bin"), LinkTitle: text("a \"b\" <c>")}}
		if i%2 == 0 {
			d.Content, d.Attachment = "x", nil
		}
		p := w.post(by(ana), d, stamp())
		e, ok := p.Event.(bus.MessageSent)
		if p.Err != nil || !ok || e.Type != kind || e.Attachment != d.Attachment || e.ByPicture != "ana.png" {
			t.Fatalf("%s: %+v", kind, p)
		}
		h, err := w.History(t.Context(), ben, room, bus.Personal, chat.Page{Limit: 1})
		w.must(err)
		m := h.Messages[0]
		if m.Type != kind || m.Content != d.Content || m.SenderPicture != "ana.png" || !reflect.DeepEqual(m.Attachment, d.Attachment) {
			t.Errorf("%s is kept as %+v", kind, m)
		}
		if got := w.unread(ben, room); got != int64(i+1) {
			t.Errorf("%d unread behind %s, want %d", got, kind, i+1)
		}
	}
	for i := range spoken {
		if c, _ := w.read(ben, room, bus.Personal, int64(i+1)); c.Unread != int64(len(spoken)-i-1) {
			t.Errorf("%d unread after %d were read", c.Unread, i+1)
		}
	}
}

// A repeat of a message is that message, whatever it says now.
func TestARepeatIsTheFirst(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	d := chat.Draft{Room: bus.RoomID(ana), Kind: bus.Self, Type: bus.Location, Attachment: &bus.Attachment{Latitude: text("1")}, ClientID: "c"}
	first := w.post(by(ana), d, stamp())
	d.Type, d.Attachment, d.Content = "", nil, "x"
	again := w.post(by(ana), d, stamp())
	h, err := w.History(t.Context(), ana, d.Room, bus.Self, chat.Page{Limit: 9})
	w.must(err)
	if again.Receipt != first.Receipt || len(h.Messages) != 1 || h.Messages[0].Type != bus.Location || *h.Messages[0].Attachment.Latitude != "1" {
		t.Errorf("%+v, then %+v: %+v", first, again, h.Messages)
	}
}

func TestPagesByName(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	room, other := w.group(ana, ben), w.group(ana, ben)
	names := map[int64]bus.MessageID{}
	for range 3 {
		r := w.send(ana, room, bus.Group, "x")
		names[r.Seq] = r.ID
	}
	elsewhere := w.send(ana, other, bus.Group, "x").ID
	tests := map[string]struct {
		page chat.Page
		want []int64
		more bool
	}{
		"before one":                  {chat.Page{Limit: 9, BeforeID: names[4]}, []int64{3, 2}, false},
		"with the server's words":     {chat.Page{Limit: 9, BeforeID: names[4], System: true}, []int64{3, 2, 1}, false},
		"the newest with those":       {chat.Page{Limit: 9, System: true}, []int64{4, 3, 2, 1}, false},
		"some of them":                {chat.Page{Limit: 1, BeforeID: names[4]}, []int64{3}, true},
		"before the first":            {chat.Page{Limit: 9, BeforeID: names[2]}, nil, false},
		"before one of another room":  {chat.Page{Limit: 9, BeforeID: elsewhere}, nil, false},
		"before one that is not":      {chat.Page{Limit: 9, BeforeID: bus.NewMessageID()}, nil, false},
		"before what is no name":      {chat.Page{Limit: 9, BeforeID: "first"}, nil, false},
		"after, with server's words":  {chat.Page{Limit: 2, FromStart: true, System: true}, []int64{2, 1}, true},
		"after, what people said":     {chat.Page{Limit: 9, FromStart: true}, []int64{4, 3, 2}, false},
		"before a place, and all":     {chat.Page{Limit: 9, Before: 3, System: true}, []int64{2, 1}, false},
		"before a place, people only": {chat.Page{Limit: 9, Before: 3}, []int64{2}, false},
	}
	for name, tt := range tests {
		h, err := w.History(t.Context(), ben, room, bus.Group, tt.page)
		w.must(err)
		if got := seqs(h); !reflect.DeepEqual(got, append([]int64{}, tt.want...)) || h.HasMore != tt.more {
			t.Errorf("%s: %v, more %v", name, got, h.HasMore)
		}
	}
}

// Attachments take of a page's bytes as contents do.
func TestAPageIsBoundedWithItsAttachments(t *testing.T) {
	w := newWorld(t)
	ana := w.person("ana")
	long := make([]byte, chat.MaxAttachment-100)
	for i := range long {
		long[i] = 'x'
	}
	a := &bus.Attachment{LinkText: text(string(long))}
	var b chat.Batch
	for range 80 {
		d := chat.Draft{Room: bus.RoomID(ana), Kind: bus.Self, Type: bus.Reply, Attachment: a}
		b.Entries = append(b.Entries, chat.Entry{By: by(ana), Draft: d, Stamp: stamp()})
	}
	w.commit(b)
	h, err := w.History(t.Context(), ana, bus.RoomID(ana), bus.Self, chat.Page{Limit: chat.MaxPage})
	w.must(err)
	if n := len(h.Messages); n < 60 || n*len(long) > chat.MaxPageBytes || !h.HasMore {
		t.Errorf("%d messages, more %v", n, h.HasMore)
	}
}

// In a blocked chat both hear that it is blocked, and nobody else in the batch is harmed.
// What was said before the block is answered as before, and reading goes on.
func TestABatchWithABlockedChat(t *testing.T) {
	w := newWorld(t)
	ana, ben, zoe := w.person("ana"), w.person("ben"), w.person("zoe")
	blocked, open, group := w.personal(ana, ben), w.personal(ana, zoe), w.group(ana, ben)
	entry := func(u auth.UserID, room bus.RoomID, kind bus.Kind, clientID string) chat.Entry {
		d := chat.Draft{Room: room, Kind: kind, Content: "x", ClientID: clientID}
		return chat.Entry{By: by(u), Draft: d, Stamp: stamp()}
	}
	old := entry(ana, blocked, bus.Personal, "old")
	mine := entry(ana, blocked, bus.Personal, "")
	first := w.commit(chat.Batch{Entries: []chat.Entry{old, mine}})
	w.block(ben, blocked)
	b := chat.Batch{
		Again: true,
		Entries: []chat.Entry{
			entry(ana, blocked, bus.Personal, ""),
			entry(ana, open, bus.Personal, ""),
			entry(ben, blocked, bus.Personal, ""),
			entry(zoe, blocked, bus.Personal, ""), // a stranger
			entry(ana, blocked, bus.Group, ""),    // another kind
			entry(ana, blocked, bus.Personal, "old"),
			mine, // of an attempt whose reply got lost
			entry(ben, group, bus.Group, ""),
		},
		Moves: []chat.Move{{By: by(ben), Room: blocked, Kind: bus.Personal, Newest: true, Stamp: stamp()}},
	}
	posted, moved, err := w.Commit(t.Context(), b)
	w.must(err)
	want := []error{chat.ErrBlocked, nil, chat.ErrBlocked, chat.ErrNotMember, chat.ErrNotMember, nil, nil, nil}
	for i, p := range posted {
		if !errors.Is(p.Err, want[i]) || (p.Err != nil && p.Event != nil) {
			t.Errorf("entry %d: %+v, want %v", i, p, want[i])
		}
	}
	if posted[5].Receipt != first[0].Receipt || posted[6].Receipt != first[1].Receipt {
		t.Errorf("what was said before the block: %+v and %+v", posted[5], posted[6])
	}
	if m := moved[0]; m.Err != nil || m.Cursor != (chat.Cursor{Seq: 2}) {
		t.Errorf("the cursor: %+v", m)
	}
	if a, b := w.unread(ana, blocked), w.unread(zoe, open); a != 0 || b != 1 {
		t.Errorf("unread %d and %d", a, b)
	}
	w.block(ben, blocked)
	if r := w.send(ana, blocked, bus.Personal, "x"); r.Seq != 3 {
		t.Errorf("after the block: %+v", r)
	}
}
