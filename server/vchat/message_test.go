package vchat_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/server/vchat"
)

func TestReading(t *testing.T) {
	for _, revision := range []int{3, 4} {
		t.Run(strconv.Itoa(revision), func(t *testing.T) { testReading(t, revision) })
	}
}

func testReading(t *testing.T, revision int) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "0").text("_id")
	for i := range 33 {
		h.done(ana, "POST", "message/single", m{"roomId": room, "content": strconv.Itoa(i + 1)})
	}
	a, b := h.app(ana, revision), h.app(ben, revision)
	a.fresh()
	reading := h.reader(ben, revision, room)
	h.settle()
	page := checkList(t, "message", inside(t, reading.fresh()[0].arg))
	if len(page) != 30 || page[0].text("content") != "33" || page[29].text("content") != "4" {
		t.Errorf("a page of %d from %s", len(page), page[0].text("content"))
	}
	if got := b.update(b.fresh()); got.num("unReadCount") != "0" {
		t.Errorf("the reader sees %v", got)
	}
	if got := a.update(a.fresh()); got.num("ifPeerReadMyLastMessage") != "1" {
		t.Errorf("the peer sees %v", got)
	}

	// What is said while both are there is read at once.
	own := h.reader(ana, revision, room)
	h.settle()
	own.fresh()
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "live"})
	h.settle()
	for _, c := range []*client{reading, own} {
		news := c.fresh()
		if got := check(t, "message", inside(t, c.last(news, "new_message"))); names(news) != "new_message" || got.text("content") != "live" {
			t.Errorf("%s gets %v", c.name, news)
		}
	}
	for _, c := range []*client{a, b} {
		for _, e := range c.fresh() {
			r := check(t, "room", e.arg)
			if r.num("unReadCount") != "0" || (c == a && r.num("ifPeerReadMyLastMessage") != "1") {
				t.Errorf("%s sees %v", c.name, r)
			}
		}
	}

	// Who has left the page has unread messages again.
	reading.write("41/message,")
	own.close()
	h.door.Deserted(room)
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "later"})
	h.settle()
	if got := b.update(b.fresh()); got.num("unReadCount") != "1" {
		t.Errorf("after leaving, Ben sees %v", got)
	}
	if got := a.update(a.fresh()); got.num("ifPeerReadMyLastMessage") != "0" {
		t.Errorf("after leaving, Ana sees %v", got)
	}
}

// What somebody was shown they have read, also if they leave before that is noted.
func TestLeavingBeforeReadingIsNoted(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "first").text("_id")
	var others []string
	for range vchat.Workers {
		others = append(others, h.group(ana).text("_id"))
	}
	h.app(ana, 4)
	reading := h.reader(ben, 4, room)
	h.settle()
	reading.fresh()

	release := h.hold(ana, others) // from here on nothing is noted beside the clients
	defer release()
	h.done(ben, "POST", "message/single", m{"roomId": room, "content": "own"}) // unread for nobody here
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "shown"})
	reading.await(func() bool { return len(reading.events)-reading.marks == 2 })
	reading.close()
	h.door.Deserted(room)
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "not shown"})
	list := checkList(t, "room", h.done(ben, "GET", "room?page=0", nil))
	if got := list[0].num("unReadCount"); got != "1" {
		t.Errorf("unread: %s", got)
	}
}

// hold keeps the door busy with how these rooms look to a, one for each of its workers, until
// it is released.
func (h *house) hold(a person, rooms []string) (release func()) {
	busy, free := make(chan struct{}), make(chan struct{})
	for _, room := range rooms {
		h.views.afterRoom(func() {
			busy <- struct{}{}
			<-free
		})
		h.done(a, "POST", "message/group", m{"roomId": room, "content": "x"})
		<-busy
	}
	return sync.OnceFunc(func() { close(free) })
}

// A second join moves the reader; strangers get nothing, and stay where they are.
func TestTables(t *testing.T) {
	h := newHouse(t)
	ana, ben, zoe := h.person("Ana"), h.person("Ben"), h.person("Zoe")
	one, two := h.single(ana, ben, "x").text("_id"), h.group(ana, ben).text("_id")
	c := h.reader(ben, 4, one)
	h.settle()
	c.fresh()
	c.tell("join", strconv.Quote(two))
	h.settle()
	if news := c.fresh(); names(news) != "all_messages" {
		t.Errorf("moved, and got %v", news)
	}
	h.done(ana, "POST", "message/single", m{"roomId": one, "content": "to the first"})
	h.done(ana, "POST", "message/group", m{"roomId": two, "content": "to the second"})
	h.settle()
	news := c.fresh()
	if got := check(t, "message", inside(t, c.last(news, "new_message"))); len(news) != 1 || got.text("content") != "to the second" {
		t.Errorf("at the second table: %v", news)
	}
	z := h.reader(zoe, 4, "")
	for _, room := range []string{one, two, auth.NewID(), "x", string(zoe.id), string(ana.id)} {
		z.tell("join", strconv.Quote(room))
		if got := z.emit("join", strconv.Quote(room))(); !strings.HasPrefix(got, `{"success":false,"data":"`) {
			t.Errorf("a stranger's join of %s: %s", room, got)
		}
	}
	z.tell("join", `{"roomId":"`+one+`"}`)
	c.tell("join", `"x"`) // and stays
	h.done(ana, "POST", "message/group", m{"roomId": two, "content": "again"})
	h.settle()
	if news := z.fresh(); len(news) > 0 {
		t.Errorf("a stranger reads %v", news)
	}
	if news := c.fresh(); names(news) != "new_message" {
		t.Errorf("after a join of nothing: %v", news)
	}
}

// System messages are shown like all others, and are never unread.
func TestSystemMessages(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
	room := h.group(ana, ben).text("_id")
	c := h.reader(ana, 3, room)
	h.settle()
	c.fresh()
	h.done(ana, "POST", "room/add-member", m{"roomId": room, "peersId": []string{cem.email}})
	h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": ben.id, "state": "admin"})
	h.done(ana, "POST", "room/update-member-state", m{"roomId": room, "peerId": ben.id, "state": "member"})
	h.done(ana, "POST", "room/update-group-info", m{"roomId": room, "groupName": "Team"})
	h.done(ana, "POST", "room/kick-member", m{"roomId": room, "peerId": cem.id})
	h.done(ben, "POST", "room/leave-group-chat", m{"groupId": room})
	h.settle()
	live := ""
	var all []string
	for _, e := range c.fresh() {
		got := check(t, "message", inside(t, e.arg))
		live += got.text("messageType") + " " + got.text("content") + " " + got.text("senderName") + ", "
		all = append([]string{inside(t, e.arg)}, all...)
	}
	if want := "add Cem Ana, upgrade Ben Ana, downgrade Ben Ana, info Team Ana, kick Cem Ana, leave Ben Ben, "; live != want {
		t.Errorf("live: %s want %s", live, want)
	}
	page := h.done(ana, "GET", "message?roomId="+room+"&lastId=first", nil)
	if !strings.HasPrefix(page, "["+strings.Join(all, ",")) {
		t.Errorf("fetched: %s, live: %v", page, all)
	}
}

// Whoever joins while others send sees every message once, in order.
func TestPagesAndLiveMessagesMeet(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "first").text("_id")
	const count, readers = 120, 4
	var all []*client
	for i := range readers {
		all = append(all, h.reader(ben, 3+i%2, ""))
	}
	app := h.app(ben, 3)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range count {
			h.done(ana, "POST", "message/single", m{"roomId": room, "content": strconv.Itoa(i)})
		}
	})
	for _, c := range append(all, app) {
		wg.Go(func() {
			for range 10 {
				if c == app {
					roomsIn(t, c.emit("join", "")())
					continue
				}
				c.emit("join", strconv.Quote(room))()
			}
		})
	}
	wg.Wait()
	h.settle()
	newest := checkList(t, "message", h.done(ana, "GET", "message?roomId="+room, nil))[0].text("_id")
	for _, c := range all {
		checkScreen(t, c, newest)
	}
	if got := app.update(app.fresh()); got.obj("lastMessage").text("_id") != newest {
		t.Errorf("the last update shows %v", got.obj("lastMessage"))
	}
}

func checkScreen(t *testing.T, c *client, newest string) {
	t.Helper()
	var screen []string
	for _, e := range c.fresh() {
		if e.name == "all_messages" {
			screen = nil
			for _, got := range checkList(t, "message", inside(t, e.arg)) {
				screen = append([]string{got.text("content")}, screen...)
			}
			continue
		}
		screen = append(screen, check(t, "message", inside(t, e.arg)).text("content"))
	}
	for i := 1; i < len(screen); i++ {
		before, _ := strconv.Atoi(screen[i-1])
		if after, _ := strconv.Atoi(screen[i]); after != before+1 && screen[i-1] != "first" {
			t.Fatalf("%s: %s stands behind %s", c.name, screen[i], screen[i-1])
		}
	}
	if len(screen) == 0 || newest == "" {
		t.Errorf("%s shows nothing", c.name)
	}
}
