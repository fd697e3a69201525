package vchat_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// rooms reads the ack of a join.
func roomsIn(t *testing.T, ack string) []object {
	t.Helper()
	var a struct {
		Success bool
		Data    json.RawMessage
	}
	if json.Unmarshal([]byte(ack), &a) != nil || !a.Success {
		t.Fatalf("a join was acked by %.300s", ack)
	}
	return checkList(t, "room", string(a.Data))
}

func TestJoin(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	for _, revision := range []int{3, 4} {
		c := h.quietApp(ana, revision)
		for _, arg := range []string{`"join"`, ``, `null`} {
			if got := roomsIn(t, c.emit("join", arg)()); len(got) != 0 && revision == 3 {
				t.Errorf("rooms: %v", got)
			}
		}
		room := h.single(ana, ben, "first").text("_id")
		if got := roomsIn(t, c.emit("join", `"join"`)()); len(got) != 1 || got[0].text("_id") != room {
			t.Errorf("rooms: %v", got)
		}
		c.fresh()
		c.tell("join", `"join"`)
		h.settle()
		if news := c.fresh(); names(news) == "" || len(checkList(t, "room", c.last(news, "all_rooms"))) != 1 {
			t.Errorf("without an ack: %v", news)
		}
		// What is another door's, and what is nobody's, is silence.
		for _, other := range []string{"fetch-user-details", "send-self-message", "nothing"} {
			c.tell(other, `{}`)
		}
		h.settle()
		if news := c.fresh(); len(news) > 0 {
			t.Errorf("silence is %v", news)
		}
		c.close()
	}
}

// A connection is whoever's it shows itself to be.
func TestDialects(t *testing.T) {
	h := newHouse(t)
	ana, pia := h.person("Ana"), h.pagePerson("Pia")
	pair := url.Values{"accessToken": {pia.tokens.Access}, "refreshToken": {pia.tokens.Refresh}}
	cookies := http.Header{"Cookie": {"access_token=" + pia.tokens.Access + "; refresh_token=" + pia.tokens.Refresh}}
	with := func(h http.Header, token string) http.Header {
		h = h.Clone()
		h["Authorization"] = []string{token}
		return h
	}
	const refused, failed, vchat, express = "refused", "auth-failure", "vchat", "expresschat"
	auth4 := `{"token":"` + ana.token + `"}`
	tests := map[string]struct {
		ns       string
		revision int
		query    url.Values
		header   http.Header
		auth     string
		want     string
	}{
		"a header":                        {"/", 4, nil, with(http.Header{}, ana.token), "", vchat},
		"a header, Engine.IO 3":           {"/", 3, nil, with(http.Header{}, ana.token), "", vchat},
		"a header with Bearer":            {"/", 3, nil, with(http.Header{}, "Bearer "+ana.token), "", vchat},
		"a bad header":                    {"/", 4, nil, with(http.Header{}, "x"), "", refused},
		"a bad header, Engine.IO 3":       {"/", 3, nil, with(http.Header{}, "x"), "", refused},
		"an empty header":                 {"/", 4, pair, with(http.Header{}, ""), "", refused},
		"a header before a pair":          {"/", 4, pair, with(cookies, ana.token), "", vchat},
		"a proxy's header and a pair":     {"/", 4, nil, with(cookies, "Basic eDp5"), "", express},
		"a proxy's header and a token":    {"/", 4, nil, with(http.Header{}, "basic eDp5"), auth4, vchat},
		"a token in auth":                 {"/", 4, nil, http.Header{}, auth4, vchat},
		"a token in auth before a pair":   {"/", 4, pair, cookies, auth4, vchat},
		"a bad token in auth":             {"/", 4, pair, cookies, `{"token":5}`, refused},
		"null in auth":                    {"/", 4, pair, http.Header{}, `{"token":null}`, express},
		"a pair in the query":             {"/", 4, pair, http.Header{}, "", express},
		"a pair in the query, revision 3": {"/", 3, pair, http.Header{}, "", express},
		"cookies":                         {"/", 4, nil, cookies, "", express},
		"nothing":                         {"/", 4, nil, http.Header{}, "", failed},
		"nothing, Engine.IO 3":            {"/", 3, nil, http.Header{}, "", refused},
		"an access token of the other":    {"/", 4, nil, with(http.Header{}, pia.tokens.Access), "", refused},
		"/message with a header":          {"/message", 4, nil, with(http.Header{}, ana.token), "", vchat},
		"/message with auth":              {"/message", 4, nil, http.Header{}, auth4, vchat},
		"/message with a pair":            {"/message", 4, pair, cookies, "", refused},
		"/message with nothing":           {"/message", 4, nil, http.Header{}, "", refused},
	}
	for name, tt := range tests {
		if tt.query == nil {
			tt.query = url.Values{}
		}
		c := h.dial(name, tt.revision, tt.ns, tt.query, tt.header)
		if tt.revision == 4 {
			c.write("40" + c.ns + tt.auth)
		}
		got := ""
		c.await(func() bool {
			switch {
			case c.out == `{"message":"Authentication failed"}`:
				got = refused
			case has(c.events, "auth-failure"):
				got = failed
			case has(c.events, "user-id"):
				got = express
			case c.ins > 0 && tt.want == vchat: // says nothing by itself
				got = vchat
			}
			return got != ""
		})
		if got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if got == vchat {
			c.roundtrip()
		}
		if got == refused && tt.revision == 3 {
			c.await(func() bool { return false }) // the connection ends
		}
		c.close()
	}
}

// updates returns the last update_one_room of a connection.
func (c *client) update(events []event) object {
	c.Helper()
	return check(c.T, "room", c.last(events, "update_one_room"))
}

// The socket that Engine.IO 3 opens unasked beside /message gets nothing and counts for
// nothing, until it joins. One that has only connected begins after a while.
func TestSocketsThatWereOpenedUnasked(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ben, ana, "first").text("_id")
	b := h.app(ben, 3)

	reading := h.reader(ana, 3, room)
	reading.roundtrip()
	h.fire()
	h.settle()
	if news := b.fresh(); names(news) == "" || b.update(news).num("isOnline") != "0" || strings.Contains(names(news), "online") {
		t.Errorf("Ana is online by reading: %v", news)
	}
	h.done(ben, "POST", "message/single", m{"roomId": room, "content": "second"})
	h.settle() // the client fails of an event that is not of /message
	reading.close()

	quiet := h.quietApp(ana, 3)
	quiet.roundtrip()
	h.settle()
	if news := b.fresh(); strings.Contains(names(news), "online") {
		t.Errorf("Ana is online before it is known what she wants: %v", news)
	}
	h.fire()
	h.settle()
	news := b.fresh()
	online := check(t, "online", inside(t, b.last(news, "user_online_changed")))
	if online.num("status") != "1" || online.text("roomId") != room {
		t.Errorf("online: %v", online)
	}
	h.done(ben, "POST", "message/single", m{"roomId": room, "content": "third"})
	h.settle()
	if got := quiet.update(quiet.fresh()); got.obj("lastMessage").text("content") != "third" {
		t.Errorf("after a while: %v", got)
	}
}

// Others see the first and the last connection of either door.
func TestPresence(t *testing.T) {
	h := newHouse(t)
	ana, ben, pia, cem := h.person("Ana"), h.person("Ben"), h.pagePerson("Pia"), h.person("Cem")
	h.single(ana, ben, "x")
	with := h.single(ana, pia, "x").text("_id")
	h.group(ana, ben, cem)
	a, c := h.app(ana, 4), h.app(cem, 3)
	b1, b2 := h.app(ben, 3), h.app(ben, 4)
	if got := names(a.fresh()); got != "user_online_changed" {
		t.Errorf("of Ben's connections Ana hears %q", got)
	}
	p := h.page(pia)
	h.settle()
	if got := check(t, "online", inside(t, a.last(a.fresh(), "user_online_changed"))); got.text("roomId") != with || got.num("status") != "1" {
		t.Errorf("of Pia's page Ana hears %v", got)
	}
	for _, r := range roomsIn(t, a.emit("join", "")()) {
		if (r.num("isOnline") == "1") != (r.text("roomType") == "single") {
			t.Errorf("the room of %s: %v", r.text("title"), r["isOnline"])
		}
	}
	b1.close()
	p.close()
	a.await(func() bool { return strings.Contains(names(a.events[a.marks:]), "user_online_changed") })
	h.settle()
	news := a.fresh()
	if got := check(t, "online", inside(t, a.last(news, "user_online_changed"))); names(news) != "user_online_changed" || got.text("roomId") != with || got.num("status") != "0" {
		t.Errorf("when Pia leaves, Ana hears %v", news)
	}
	if got := append(c.fresh(), b2.fresh()...); len(got) > 0 {
		t.Errorf("who has no single room with them hears %v", got)
	}
}

func TestTyping(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem, zoe := h.person("Ana"), h.person("Ben"), h.person("Cem"), h.person("Zoe")
	room := h.group(ana, ben, cem).text("_id")
	a, a2, b, c, z := h.app(ana, 3), h.app(ana, 4), h.app(ben, 3), h.app(cem, 4), h.app(zoe, 4)
	a.tell("typing_changed", `{"status":"recording","name":"Somebody","roomId":"`+room+`"}`)
	h.settle()
	for _, other := range []*client{b, c} {
		news := other.fresh()
		got := check(t, "typing", other.last(news, "user_typing_changed"))
		if len(news) != 1 || got.text("status") != "recording" || got.text("name") != "Ana" || got.text("roomId") != room {
			t.Errorf("%s hears %v", other.name, news)
		}
	}
	for _, in := range []string{`{"status":"dancing","roomId":"` + room + `"}`, `{"status":"stop","roomId":"x"}`, `{}`, `"x"`, `[]`} {
		a.tell("typing_changed", in)
		if got := a.emit("typing_changed", in)(); !strings.HasPrefix(got, `{"success":false,"data":"`) {
			t.Errorf("%s was acked by %s", in, got)
		}
	}
	z.tell("typing_changed", `{"status":"stop","roomId":"`+room+`"}`) // a stranger
	h.settle()
	for _, other := range []*client{a, a2, b, c, z} {
		if news := other.fresh(); len(news) > 0 {
			t.Errorf("%s hears %v", other.name, news)
		}
	}
}

func TestUpdatesArePersonal(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "first").text("_id")
	a, b := h.app(ana, 3), h.app(ben, 4)
	a.fresh() // Ben came online
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "second"})
	h.settle()
	ua, ub := a.update(a.fresh()), b.update(b.fresh())
	if ua.text("title") != "Ben" || ua.num("unReadCount") != "0" || ua.num("ifPeerReadMyLastMessage") != "0" {
		t.Errorf("Ana sees %v", ua)
	}
	if ub.text("title") != "Ana" || ub.num("unReadCount") != "2" || ub.text("peerEmail") != ana.email {
		t.Errorf("Ben sees %v", ub)
	}
	h.done(ben, "POST", "room/chat-notification", m{"roomId": room})
	h.settle()
	if ub := b.update(b.fresh()); ub.num("isMute") != "1" {
		t.Errorf("Ben muted it: %v", ub)
	}
	if news := a.fresh(); len(news) > 0 {
		t.Errorf("Ben muted it, and Ana hears %v", news)
	}
	h.done(ben, "POST", "room/ban-chat-user", m{"peerId": ana.id})
	h.settle()
	for _, c := range []*client{a, b} {
		if got := c.update(c.fresh()); got.text("blockerId") != string(ben.id) {
			t.Errorf("%s sees the blocker %v", c.name, got["blockerId"])
		}
	}
	if got := h.call(ana, "POST", "message/single", m{"roomId": room, "content": "x"}); got.status != 403 {
		t.Errorf("said in a blocked room: %+v", got)
	}
	if got := h.call(ana, "POST", "room/ban-chat-user", m{"id": ben.id}); got.status != 403 {
		t.Errorf("lifted by the other one: %+v", got)
	}
	h.done(ben, "POST", "room/ban-chat-user", m{"peerId": ana.id})
	h.settle()
	if got := a.update(a.fresh()); got["blockerId"] != nil {
		t.Errorf("after that the blocker is %v", got["blockerId"])
	}
}

// Whoever is removed is told the room, and the list without it; nothing of it comes later.
func TestRemoved(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.person("Ana"), h.person("Ben"), h.person("Cem")
	room := h.group(ana, ben, cem).text("_id")
	a, b, c := h.app(ana, 3), h.app(ben, 3), h.app(cem, 4)
	reading := h.reader(ben, 3, room)
	h.settle()
	b.fresh()
	reading.fresh()
	h.done(ana, "POST", "room/kick-member", m{"roomId": room, "peerId": ben.id})
	h.done(ana, "POST", "message/group", m{"roomId": room, "content": "without Ben"})
	h.settle()
	news := b.fresh()
	if names(news) != "kick_from_group all_rooms" || inside(t, news[0].arg) != room || news[1].arg != "[]" {
		t.Errorf("Ben hears %v", news)
	}
	if news := reading.fresh(); len(news) > 0 {
		t.Errorf("Ben reads %v", news)
	}
	if got := c.update(c.fresh()); got.num("roomMembersCount") != "2" || got.obj("lastMessage").text("content") != "without Ben" {
		t.Errorf("Cem sees %v", got)
	}
	h.done(cem, "POST", "room/leave-group-chat", m{"groupId": room})
	h.settle()
	if news := c.fresh(); names(news) != "all_rooms" {
		t.Errorf("Cem leaves and hears %v", news)
	}
	if got := a.update(a.fresh()); got.obj("lastMessage").text("messageType") != "leave" {
		t.Errorf("Ana sees %v", got)
	}
	h.done(ana, "POST", "room/add-member", m{"roomId": room, "peersId": toJSON(t, []string{ben.email})})
	h.settle()
	if got := b.update(b.fresh()); got.num("unReadCount") != "0" {
		t.Errorf("Ben is back and sees %v", got)
	}
}

// Signing out ends the sockets of the session, and of no other.
func TestSignedOut(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	in := check(t, "user", h.done(person{}, "POST", "user/login", m{"email": ana.email, "password": "open-sesame"}))
	other := ana
	other.token = in.text("accessToken")
	a, r, o := h.app(ana, 3), h.reader(ana, 4, ""), h.app(other, 4)
	u := check(t, "user", h.done(ana, "PATCH", "user", m{"fcmToken": "Out"}))
	if u.text("_id") != string(ana.id) {
		t.Errorf("signed out as %v", u)
	}
	for _, c := range []*client{a, r} {
		c.await(func() bool { return c.bye })
		c.await(func() bool { return false })
	}
	if got := h.call(ana, "GET", "room", nil); got.status != 401 {
		t.Errorf("a token of a session that is over: %+v", got)
	}
	h.done(other, "GET", "room", nil)
	roomsIn(t, o.emit("join", "")())
}

// At most one question is asked for an event, however many are online.
func TestQuestionsPerEvent(t *testing.T) {
	h := newHouse(t)
	ana := h.person("Ana")
	var others []person
	var apps []*client
	for i := range 12 {
		others = append(others, h.person("P"+strconv.Itoa(i)))
	}
	room := h.group(ana, others...).text("_id")
	for _, p := range others {
		apps = append(apps, h.app(p, 3))
	}
	before := h.views.count()
	for range 5 {
		h.done(ana, "POST", "message/group", m{"roomId": room, "content": "x"})
	}
	h.settle()
	if n := h.views.count() - before; n < 1 || n > 5 {
		t.Errorf("%d questions for 5 messages", n)
	}
	for _, c := range apps {
		if got := c.update(c.fresh()); got.num("unReadCount") != "5" {
			t.Errorf("%s sees %v", c.name, got)
		}
	}
}

// A list that was read before something happened is followed by what the room looks like
// since, even if that was told while the list was on its way.
func TestAListIsNotTheLastWord(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "first").text("_id")
	group := h.group(ana, ben).text("_id")
	b := h.app(ben, 4)
	h.views.afterList(func() {
		h.done(ana, "POST", "message/single", m{"roomId": room, "content": "second"})
		h.done(ana, "POST", "room/kick-member", m{"roomId": group, "peerId": ben.id})
		h.handOver()
	})
	b.say("join", "")
	b.emit("typing_changed", `{}`)() // answered once the join is over; a list comes of the kick, too
	h.settle()
	screen := map[string]object{}
	for _, e := range b.fresh() {
		switch e.name {
		case "all_rooms":
			screen = map[string]object{}
			for _, r := range checkList(t, "room", e.arg) {
				screen[r.text("_id")] = r
			}
		case "update_one_room":
			r := check(t, "room", e.arg)
			screen[r.text("_id")] = r
		}
	}
	if len(screen) != 1 || screen[room].obj("lastMessage").text("content") != "second" {
		t.Errorf("Ben's screen shows %v", screen)
	}
}

// What was read of a room before a list was, is not shown after it.
func TestAListIsNotFollowedByWhatIsOlder(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.person("Ana"), h.person("Ben")
	room := h.single(ana, ben, "first").text("_id")
	b := h.app(ben, 4)
	h.settle()
	b.fresh()
	h.views.afterRoom(func() {
		h.done(ana, "POST", "message/single", m{"roomId": room, "content": "third"})
		b.say("join", "")
		b.await(func() bool { return has(b.events, "all_rooms") })
	})
	h.done(ana, "POST", "message/single", m{"roomId": room, "content": "second"})
	b.await(func() bool { return has(b.events, "all_rooms") })
	h.settle()
	for _, e := range b.fresh() {
		if e.name == "update_one_room" {
			if got := check(t, "room", e.arg).obj("lastMessage").text("content"); got != "third" {
				t.Errorf("the list showed the third message, and is followed by the %s", got)
			}
		}
	}
}
