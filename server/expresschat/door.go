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
	Await(part int, f func())
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
	Media   Media // keeps no files where nil
	Bus     Bus
	Pages   Pages
	Web     http.Handler // serves "/", "/auth", "/reset" and what they need
	// Secure says whether people reach the server by https, and cookies have to.
	Secure bool
	Limits *limits.Limits
	// Users counts the sockets of everybody, of all doors; nil for a count of the door's own,
	// without rates.
	Users *limits.Users
	// EscapeHTML has text escaped for clients that may insert it as HTML: all but our own, and
	// those in PlainClients, by what they call themselves in auth.client before a slash.
	EscapeHTML   bool
	PlainClients []string
	// Presence is told of every connection.
	Presence *chat.Presence
	// Devices and Browsers are for notifications; without either there are none, nor routes.
	Devices  Devices
	Browsers Browsers
	Log      *slog.Logger
}

// Door is the ExpressChat protocol.
type Door struct {
	auth    *auth.Service
	chat    *chat.Service
	private *chat.Private
	groups  *groups.Service
	media   Media
	bus     Bus
	pages   Pages
	web     http.Handler
	secure  bool
	limits  *limits.Limits
	users   *limits.Users
	plain   plainClients
	log     *slog.Logger
	report  *problem.Reporter
	online  *chat.Presence

	devices  Devices
	browsers Browsers

	conns    *conns
	holds    *holds
	watchers *watchers
	exports  *exports
	out      socketio.Broadcaster
}

// New makes a door. Its dialect has to be opened, and it has to be attached to the bus,
// before the first connection.
func New(p Parts) *Door {
	if p.Users == nil {
		p.Users = limits.NewUsers(false)
	}
	if p.Media == nil {
		p.Media = noMedia{}
	}
	var plain plainClients
	if p.EscapeHTML {
		plain = append(plainClients{ownClient}, p.PlainClients...)
	}
	return &Door{
		auth: p.Auth, chat: p.Chat, private: p.Private, groups: p.Groups, media: p.Media, bus: p.Bus, pages: p.Pages,
		web: p.Web, secure: p.Secure, log: p.Log, report: problem.NewReporter(p.Log), online: p.Presence,
		conns: newConns(), holds: newHolds(), watchers: newWatchers(), exports: newExports(), limits: p.Limits,
		users: p.Users, plain: plain, devices: p.Devices, browsers: p.Browsers,
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
		"fetch-user-details":    bind(limits.Query, d.userDetails),
		"search-user":           bindAside(d.searchUser),
		"fetch-self-chat":       bind(limits.Query, d.fetchSelf),
		"send-self-message":     bindLater(limits.Light, d.sendSelf),
		"check-chat":            bind(limits.Query, d.checkChat),
		"create-personal-chat":  bind(limits.Making, d.createPersonal),
		"fetch-personal-chat":   bind(limits.Query, d.fetchPersonal),
		"send-personal-message": bindLater(limits.Light, d.sendPersonal),
		"read-personal-message": bindLater(limits.Light, d.readPersonal),
		"create-group-chat":     bind(limits.Making, d.createGroup),
		"fetch-group-chat":      bind(limits.Query, d.fetchGroup),
		"send-group-message":    bindLater(limits.Light, d.sendGroup),
		"read-group-message":    bindLater(limits.Light, d.readGroup),
		"add-member":            bind(limits.Member, d.addMember),
		"kickout":               bind(limits.Member, d.kickOut),
		"change-admin":          bind(limits.Member, d.changeAdmin),
		"leave-grp":             bind(limits.Member, d.leaveGroup),
		"delete-grp":            bind(limits.Member, d.deleteGroup),
		"typing":                bind(limits.Light, d.typing),
		"change-name":           bind(limits.Making, d.changeName),
	}
}

// bind makes a handler of a method: with its connection, and a deadline, for what the event
// weighs. Events that had arrived when their connection failed, or was sent away, come here
// too. They end here.
func bind[In any](weight int, h func(ctx context.Context, c *conn, in In) (any, error)) socketio.Handler {
	return socketio.Handle(func(ctx context.Context, s socketio.Socket, in In) (any, error) {
		c := s.Identity().(*conn)
		if err := c.admits(weight); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, server.Patience)
		defer cancel()
		return h(ctx, c, in)
	})
}

// bindLater is bind for what takes its place in a room's log: the next event need not wait
// for it. The log has a deadline of its own.
func bindLater[In any](weight int, h func(ctx context.Context, c *conn, in In, r socketio.Reply)) socketio.Handler {
	return socketio.HandleLater(func(ctx context.Context, s socketio.Socket, in In, r socketio.Reply) {
		c := s.Identity().(*conn)
		if err := c.admits(weight); err != nil {
			r.Done(nil, err)
			return
		}
		h(ctx, c, in, r)
	})
}

// bindAside is bind for what nothing else waits for, and which sees to its own rate.
func bindAside[In any](h func(ctx context.Context, c *conn, in In, r socketio.Reply)) socketio.Handler {
	return socketio.HandleAside(func(ctx context.Context, s socketio.Socket, in In, r socketio.Reply) {
		c := s.Identity().(*conn)
		if !c.isHere() {
			r.Done(nil, auth.ErrUnauthenticated)
			return
		}
		h(ctx, c, in, r)
	})
}
