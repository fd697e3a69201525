package expresschat

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"sync"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// authFailed is the one event that makes a page ask for a new sign-in.
var authFailed = socketio.Farewell{Event: "auth-failure", Arg: authFailure{Reason: "Authentication failed"}}

// authorise looks for the token pair where protocol/expresschat.md section 2 says. A
// database that does not answer is no reason to sign anybody out.
func (d *Door) authorise(ctx context.Context, h socketio.Handshake) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	pair, _ := tokens(h)
	who, err := d.auth.Authenticate(ctx, pair)
	if errors.Is(err, auth.ErrUnauthenticated) {
		return nil, &authFailed
	}
	if err != nil {
		d.report.Warn("handshake undecided", "error", err)
		return &conn{undecided: true}, nil
	}
	c := &conn{
		user: who.User, session: who.Session, renewed: who.Renewed,
		live: make([]bool, d.bus.Parts()), begunAs: &who.User.Name,
		html: d.plain.takesHTML(h.Auth),
	}
	c.name.Store(c.begunAs)
	return c, nil
}

// tokens finds the pair: in the query if both are there, else in auth, else in the
// cookies. The first place that has one counts, good or bad. shown is whether any has.
func tokens(h socketio.Handshake) (p auth.Pair, shown bool) {
	if h.Query.Has("accessToken") && h.Query.Has("refreshToken") {
		return auth.Pair{Access: h.Query.Get("accessToken"), Refresh: h.Query.Get("refreshToken")}, true
	}
	var given struct {
		Access  any `json:"accessToken"`
		Refresh any `json:"refreshToken"`
	}
	if json.Unmarshal(h.Auth, &given) == nil && (given.Access != nil || given.Refresh != nil) {
		access, _ := given.Access.(string) // anything else is there, and bad
		refresh, _ := given.Refresh.(string)
		return auth.Pair{Access: access, Refresh: refresh}, true
	}
	p = cookiePair(&http.Request{Header: h.Header})
	return p, p != auth.Pair{}
}

// connected sends a connection what it needs to begin, in the order of section 2, and
// lets it hear live events from where that snapshot ends.
func (d *Door) connected(ctx context.Context, s socketio.Socket) {
	c := s.Identity().(*conn)
	if c.undecided {
		s.Drop("undecided")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	c.id, c.socket = auth.ConnID(s.ID()), s
	if c.html {
		s.Join(htmlRoom(s.ID()))
	}
	var room bool
	if c.counted, room = d.users.Enter(string(c.user.ID)); !room {
		d.turnAway(c)
		return
	}
	if c.renewed != "" {
		c.emit("access-token", accessToken{AccessToken: c.renewed})
	}
	h := d.holds.arrive(c)
	seqs := map[bus.RoomID]int64{}
	defer func() { d.endArrival(h, seqs) }()
	d.conns.add(c)

	// From here on whoever revokes the session finds the connection; if they were
	// faster, the session is over by now.
	if err := d.auth.StillLive(ctx, c.session); errors.Is(err, auth.ErrUnauthenticated) {
		c.sendAway()
		return
	}
	c.leave = d.online.Enter(c.user.ID, c.called())
	lists, err := d.chat.Lists(ctx, c.user.ID)
	if err == nil {
		err = d.chat.Settle(ctx)
	}
	if err != nil {
		d.report.Warn("connection has no lists", "error", err)
		s.Drop("no lists")
		return
	}
	c.listedAs(lists.Self.Partner.Name)
	for _, l := range lists.Chats {
		seqs[l.Room] = l.Seq
	}
	personal, group, said := d.lists(lists.Chats)
	c.emit("user-id", userID{UserID: c.user.ID, Name: c.called(), Picture: pictureURL(lists.Self.Partner.Picture), Self: selfItemOf(lists.Self)})
	c.emit("personal-chat-list", personal)
	c.emit("group-chat-list", group)
	d.greet(c, lists.Chats, said)
	d.goLive(c, h, seqs)
	c.greeted.Store(true)
}

// turnAway tells a connection that its user has enough of them.
func (d *Door) turnAway(c *conn) {
	c.away.Store(true)
	p := d.explain("connect", problem.ErrTooMany)
	c.emit("chat-error", chatError{"connect", reason{Code: p.Code, Message: p.Text}})
	c.socket.Disconnect()
}

// disconnected forgets a connection. The engine has taken it out of its rooms.
func (d *Door) disconnected(s socketio.Socket, _ string) {
	c := s.Identity().(*conn)
	if c.undecided {
		return
	}
	d.conns.remove(c)
	d.watchers.forget(c)
	c.counted.Leave()
	if c.leave != nil {
		c.leave()
	}
}

// goLive ends an arrival, part by part, each in its own hand-off. It returns when all of
// them are done, so that no handler of the connection runs before.
func (d *Door) goLive(c *conn, h *hold, listed map[bus.RoomID]int64) {
	seqs := maps.Clone(listed)
	seqs[c.self()] = 0
	var wg sync.WaitGroup
	for part := range d.bus.Parts() {
		wg.Add(1)
		d.bus.Do(part, func() {
			defer wg.Done()
			d.goLiveIn(part, c, h, seqs)
		})
	}
	wg.Wait()
}

func (d *Door) goLiveIn(part int, c *conn, h *hold, seqs map[bus.RoomID]int64) {
	mine := func(r bus.RoomID) bool { return d.bus.Part(string(r)) == part }
	c.live[part] = true
	kept := map[bus.RoomID][]bus.Placed{}
	for _, e := range d.holds.part(h, mine) {
		kept[e.Where().Room] = append(kept[e.Where().Room], e)
	}
	join := []string{c.in(userRoom(c.user.ID, part))}
	for room, seq := range seqs {
		if mine(room) && c.replay(kept[room], true, seq) {
			join = append(join, c.in(chatRoom(room)))
		}
	}
	for room, events := range kept {
		if _, listed := seqs[room]; !listed && c.replay(events, false, 0) {
			join = append(join, c.in(chatRoom(room)))
			d.meetHeld(c, events)
		}
	}
	c.socket.Join(join...)
}
