// Package expresschat is the door for clients of the ExpressChat protocol: its REST
// routes, its pages and its events on the default Socket.IO namespace. It turns what
// they say into calls of the domain, and domain events into what they expect to hear.
// It holds no truth of its own, only open connections.
package expresschat

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"expresschat/auth"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server"
	"expresschat/server/limits"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// Bus is what the door needs of the bus: to act in the order of a room's events.
type Bus interface {
	Part(key string) int
	Parts() int
	Do(part int, f func())
}

// Pages renders what people see of a verification.
type Pages interface {
	Page(w io.Writer, name string, data any) error
}

// Parts are what a door is made of.
type Parts struct {
	Auth *auth.Service
	Chat *chat.Service
	// Private carries who is about to say something.
	Private *chat.Private
	Groups  *groups.Service
	Bus     Bus
	Pages   Pages
	Web     http.Handler // serves "/", "/auth", "/reset" and what they need
	// Secure says whether people reach the server by https, and cookies have to.
	Secure bool
	Limits *limits.Limits
	// Presence is told of every connection.
	Presence *chat.Presence
	Log      *slog.Logger
}

// Door is the ExpressChat protocol.
type Door struct {
	auth    *auth.Service
	chat    *chat.Service
	private *chat.Private
	groups  *groups.Service
	bus     Bus
	pages   Pages
	web     http.Handler
	secure  bool
	limits  *limits.Limits
	log     *slog.Logger
	report  *problem.Reporter
	online  *chat.Presence

	conns    *conns
	holds    *holds
	watchers *watchers
	exports  *exports
	out      socketio.Broadcaster
}

// New makes a door. Its dialect has to be opened, and it has to be attached to the bus,
// before the first connection.
func New(p Parts) *Door {
	return &Door{
		auth: p.Auth, chat: p.Chat, private: p.Private, groups: p.Groups, bus: p.Bus, pages: p.Pages, web: p.Web,
		secure: p.Secure, log: p.Log, report: problem.NewReporter(p.Log), online: p.Presence,
		conns: newConns(), holds: newHolds(), watchers: newWatchers(), exports: newExports(), limits: p.Limits,
	}
}

// Dialect is the door in the default namespace. A connection that shows a token pair is
// one of its own, and one that shows nothing may be.
func (d *Door) Dialect() server.Dialect {
	return server.Dialect{
		Claims: func(h socketio.Handshake) server.Claim {
			if _, shown := tokens(h); shown {
				return server.Shown
			}
			return server.Fallback
		},
		Owns:         func(identity any) bool { _, ours := identity.(*conn); return ours },
		Opened:       func(out socketio.Broadcaster) { d.out = out },
		Headers:      []string{"Cookie"},
		Authorise:    d.authorise,
		Connected:    d.connected,
		Disconnected: d.disconnected,
		Handlers:     d.handlers(),
		Respond:      d.respond,
	}
}

// handlers is every event that a client may send, protocol/expresschat.md section 3. All
// others get silence.
func (d *Door) handlers() map[string]socketio.Handler {
	return map[string]socketio.Handler{
		"fetch-user-details":    bind(d.userDetails),
		"search-user":           bind(d.searchUser),
		"fetch-self-chat":       bind(d.fetchSelf),
		"send-self-message":     bindLater(d.sendSelf),
		"check-chat":            bind(d.checkChat),
		"create-personal-chat":  bind(d.createPersonal),
		"fetch-personal-chat":   bind(d.fetchPersonal),
		"send-personal-message": bindLater(d.sendPersonal),
		"read-personal-message": bindLater(d.readPersonal),
		"create-group-chat":     bind(d.createGroup),
		"fetch-group-chat":      bind(d.fetchGroup),
		"send-group-message":    bindLater(d.sendGroup),
		"read-group-message":    bindLater(d.readGroup),
		"add-member":            bind(d.addMember),
		"kickout":               bind(d.kickOut),
		"change-admin":          bind(d.changeAdmin),
		"leave-grp":             bind(d.leaveGroup),
		"delete-grp":            bind(d.deleteGroup),
		"typing":                bind(d.typing),
		"change-name":           bind(d.changeName),
	}
}

// bind makes a handler of a method: with its connection, and a deadline. Events that had
// arrived when their connection failed, or was sent away, come here too. They end here.
func bind[In any](h func(ctx context.Context, c *conn, in In) (any, error)) socketio.Handler {
	return socketio.Handle(func(ctx context.Context, s socketio.Socket, in In) (any, error) {
		c := s.Identity().(*conn)
		if !c.isHere() {
			return nil, auth.ErrUnauthenticated
		}
		ctx, cancel := context.WithTimeout(ctx, server.Patience)
		defer cancel()
		return h(ctx, c, in)
	})
}

// bindLater is bind for what takes its place in a room's log: the next event need not wait
// for it. The log has a deadline of its own.
func bindLater[In any](h func(c *conn, in In, r socketio.Reply)) socketio.Handler {
	return socketio.HandleLater(func(_ context.Context, s socketio.Socket, in In, r socketio.Reply) {
		c := s.Identity().(*conn)
		if !c.isHere() {
			r.Done(nil, auth.ErrUnauthenticated)
			return
		}
		h(c, in, r)
	})
}
