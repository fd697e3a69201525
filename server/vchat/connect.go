package vchat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// Dialect is the door in the main namespace. A connection that shows a VChat token is one
// of its own; of those that show nothing, Engine.IO 3 is what VChat's apps speak.
func (d *Door) Dialect() server.Dialect {
	return server.Dialect{
		Claims: func(h socketio.Handshake) server.Claim {
			if _, shown := token(h); shown {
				return server.Shown
			}
			if h.Revision == 3 {
				return server.Fallback
			}
			return server.NoClaim
		},
		Owns:         func(identity any) bool { _, ours := identity.(*conn); return ours },
		Opened:       func(out socketio.Broadcaster) { d.out = out },
		Headers:      []string{"Authorization"},
		Authorise:    d.authorise,
		Connected:    d.connected,
		Disconnected: d.disconnected,
		Handlers: map[string]socketio.Handler{
			"join":           bind(limits.Query, d.join),
			"typing_changed": bind(limits.Light, d.typing),
		},
		Respond: d.respond,
	}
}

// MessageDialect is the door in /message, which is VChat's alone.
func (d *Door) MessageDialect() server.Dialect {
	return server.Dialect{
		Claims:       func(socketio.Handshake) server.Claim { return server.Shown },
		Owns:         func(identity any) bool { _, ours := identity.(*reader); return ours },
		Opened:       func(out socketio.Broadcaster) { d.messages = out },
		Headers:      []string{"Authorization"},
		Authorise:    d.authoriseReader,
		Connected:    d.readerConnected,
		Disconnected: d.readerDisconnected,
		Handlers:     map[string]socketio.Handler{"join": bind(limits.Query, d.sitDown)},
		Respond:      d.respond,
	}
}

// bind makes a handler of a method: with its connection, and a deadline, for what the event
// weighs.
func bind[C interface{ admits(weight int) error }, In any](weight int, h func(ctx context.Context, c C, in In) (any, error)) socketio.Handler {
	return socketio.Handle(func(ctx context.Context, s socketio.Socket, in In) (any, error) {
		c := s.Identity().(C)
		if err := c.admits(weight); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, server.Patience)
		defer cancel()
		return h(ctx, c, in)
	})
}

// token finds the token of a handshake: in the header Authorization, unless that is for a
// proxy, else in auth.token. shown is whether there is one, good or bad.
func token(h socketio.Handshake) (t string, shown bool) {
	if values, there := h.Header[http.CanonicalHeaderKey("Authorization")]; there && len(values) > 0 {
		if scheme, _, _ := strings.Cut(values[0], " "); !strings.EqualFold(scheme, "Basic") {
			return bare(values[0]), true
		}
	}
	var given struct {
		Token any `json:"token"`
	}
	if json.Unmarshal(h.Auth, &given) != nil || given.Token == nil {
		return "", false
	}
	text, _ := given.Token.(string) // anything else is there, and bad
	return bare(text), true
}

// bare is a token without the scheme that some put before it.
func bare(s string) string {
	if scheme, rest, ok := strings.Cut(s, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(s)
}

// admit looks at a handshake's token. A database that does not answer is no reason to refuse
// anybody.
func (d *Door) admit(ctx context.Context, h socketio.Handshake) (*visitor, error) {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	t, _ := token(h)
	who, err := d.accounts.AuthenticateLong(ctx, t)
	if errors.Is(err, auth.ErrUnauthenticated) {
		p, _ := problem.Of(auth.ErrUnauthenticated)
		return nil, &socketio.Refusal{Message: p.Text}
	}
	if err != nil {
		d.report.Warn("handshake undecided", "error", err)
		return &visitor{undecided: true}, nil
	}
	if d.users.Full(string(who.User.ID)) { // greet looks again, and counts
		p, _ := problem.Of(problem.ErrTooMany)
		return nil, &socketio.Refusal{Message: p.Text}
	}
	return &visitor{user: who.User, session: who.Session, engine: h.Conn, legacy: h.Revision == 3}, nil
}

func (d *Door) authorise(ctx context.Context, h socketio.Handshake) (any, error) {
	v, err := d.admit(ctx, h)
	if err != nil {
		return nil, err
	}
	return &conn{visitor: v}, nil
}

// greet finds out whether a socket may stay, once whoever revokes its session can find it:
// if they were faster, the session is over by now.
func (d *Door) greet(ctx context.Context, v *visitor, s socketio.Socket) bool {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	var room bool
	if v.counted, room = d.users.Enter(string(v.user.ID)); !room { // others were faster
		v.sendAway()
		return false
	}
	err := d.accounts.StillLive(ctx, v.session)
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		v.sendAway()
	case err != nil:
		d.report.Warn("connection undecided", "error", err)
		s.Drop("undecided")
	default:
		v.here.Store(true)
	}
	return v.isHere() // unless its session was revoked meanwhile
}

func (d *Door) connected(ctx context.Context, s socketio.Socket) {
	c := s.Identity().(*conn)
	if c.undecided {
		s.Drop("undecided")
		return
	}
	c.socket = s
	d.conns.add(c.user.ID, c)
	if !d.greet(ctx, c.visitor, s) {
		return
	}
	if c.legacy {
		d.watchUnasked(c)
		return
	}
	d.wake(ctx, c)
}

// watchUnasked has a socket of Engine.IO 3 wait: it comes with every connection, of those
// who only want /message, too. It begins when it joins, or when nobody has opened /message
// beside it for a while.
func (d *Door) watchUnasked(c *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	d.timers.Add(1)
	c.still = d.after(d.unasked, func() {
		defer d.timers.Done()
		if !d.reads(c) {
			d.wake(context.Background(), c)
		}
	})
}

// reads tells whether a connection has a socket in /message.
func (d *Door) reads(c *conn) bool {
	for _, r := range d.readers.of(c.user.ID) {
		if r.engine == c.engine {
			return true
		}
	}
	return false
}

// wake begins what a connection hears and counts for, once.
func (d *Door) wake(ctx context.Context, c *conn) { c.awake.Do(func() { d.goLive(ctx, c) }) }

// goLive gives a connection its seats. It enters before the list of its rooms is read, so
// what happens to its memberships is in the list or comes as an event, and of the two the
// event is the later one.
func (d *Door) goLive(ctx context.Context, c *conn) {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	if !d.seats.enter(c) {
		return
	}
	chats, err := d.chat.Chats(ctx, c.user.ID)
	if err != nil {
		d.report.Warn("connection has no rooms", "error", err)
		c.socket.Drop("no rooms")
		return
	}
	for _, s := range chats {
		d.bus.Do(d.bus.Part(string(s.Room)), func() { d.seats.listed(c, s.Room, s.Partner.ID) })
	}
	d.betweenAll()
	d.seats.arrived(c)
	c.present(d.online.Enter(c.user.ID, c.user.Name))
}

// present keeps how to leave, or leaves if the connection has ended by now.
func (c *conn) present(leave func()) {
	c.mu.Lock()
	over := c.over
	if !over {
		c.leave = leave
	}
	c.mu.Unlock()
	if over {
		leave()
	}
}

func (d *Door) disconnected(s socketio.Socket, _ string) {
	c := s.Identity().(*conn)
	if c.undecided {
		return
	}
	c.mu.Lock()
	c.over = true
	leave, still := c.leave, c.still
	c.mu.Unlock()
	if still != nil && still() {
		d.timers.Done()
	}
	d.conns.remove(c.user.ID, c)
	d.seats.forget(c)
	c.counted.Leave()
	if leave != nil {
		leave()
	}
}

// endSession ends the sockets of a session that was revoked.
func (d *Door) endSession(e bus.SessionRevoked) {
	for _, c := range d.conns.of(e.User) {
		if c.session == e.Session {
			c.sendAway()
		}
	}
	for _, r := range d.readers.of(e.User) {
		if r.session == e.Session {
			r.sendAway()
		}
	}
}
