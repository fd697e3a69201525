// Package vchat is the door for clients of the VChat protocol: its REST routes under
// /api/v1/, its events on the default Socket.IO namespace, and the namespace /message in
// which somebody reads one room. It turns what they say into calls of the domain, and
// domain events into rooms as their receivers see them. It holds no truth of its own, only
// open connections.
package vchat

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/groups"
	"expresschat/server/limits"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// Accounts is what the door asks of package auth.
type Accounts interface {
	limits.Accounts
	Register(ctx context.Context, r auth.Registration) (auth.User, string, error)
	SignInLong(ctx context.Context, login, password string) (auth.User, string, error)
	AuthenticateLong(ctx context.Context, token string) (auth.Identity, error)
	StillLive(ctx context.Context, id auth.SessionID) error
	EndSession(ctx context.Context, user auth.UserID, id auth.SessionID) error
	Rename(ctx context.Context, user auth.UserID, name string) (auth.User, error)
	SetPicture(ctx context.Context, user auth.UserID, name string) (auth.User, error)
	// Admits is the error of every Register if nobody may.
	Admits() error
}

// Views is what the door asks about how rooms and people look.
type Views interface {
	Views(ctx context.Context, user auth.UserID, offset, limit int) ([]chat.View, error)
	ViewsOf(ctx context.Context, room bus.RoomID, users []auth.UserID) (map[auth.UserID]chat.View, error)
	Members(ctx context.Context, user auth.UserID, room bus.RoomID, offset, limit int) ([]chat.Person, []bus.Role, error)
	People(ctx context.Context, user, after auth.UserID, limit int) ([]chat.Person, error)
	// SearchPage finds people by a part of their names, the best first: those behind after.
	SearchPage(ctx context.Context, user auth.UserID, text string, after auth.UserID, limit int) ([]chat.Person, error)
	FindPerson(ctx context.Context, user auth.UserID, key string) (chat.Person, error)
}

// Groups is what the door asks of package groups.
type Groups interface {
	Create(ctx context.Context, by auth.Actor, p groups.Plan) (groups.Created, error)
	Add(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error
	Kick(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error
	Promote(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error
	Demote(ctx context.Context, by auth.Actor, group bus.RoomID, user auth.UserID) error
	SetLooks(ctx context.Context, by auth.Actor, group bus.RoomID, l groups.Looks) error
	MayManage(ctx context.Context, by auth.Actor, group bus.RoomID) error
	// Retire is leaving, whatever the leaver's role: ownership is passed on first.
	Retire(ctx context.Context, by auth.Actor, group bus.RoomID) error
}

// Bus is what the door needs of the bus: to act in the order of a room's events.
type Bus interface {
	Part(key string) int
	Parts() int
	Do(part int, f func())
	Await(part int, f func())
}

// Parts are what a door is made of.
type Parts struct {
	Accounts Accounts
	Chat     *chat.Service
	Views    Views
	Private  *chat.Private
	Presence *chat.Presence
	Groups   Groups
	Bus      Bus
	Limits   *limits.Limits
	// Users counts the sockets of everybody, of all doors; nil for a count of the door's own,
	// without rates.
	Users *limits.Users
	// Devices are told of messages; nil where none are.
	Devices Devices
	// Media keeps files, and bounds a request with them, whether it may have any or not; nil
	// for a door that keeps none.
	Media Media
	// Unasked is how long a socket of Engine.IO 3 that has not joined waits for a sign that
	// it was opened unasked; 0 for DefaultUnasked.
	Unasked time.Duration
	Log     *slog.Logger
}

// DefaultUnasked is within what a client needs to open /message behind it.
const DefaultUnasked = time.Second

// Door is the VChat protocol.
type Door struct {
	accounts Accounts
	chat     *chat.Service
	views    Views
	private  *chat.Private
	online   *chat.Presence
	groups   Groups
	bus      Bus
	limits   *limits.Limits
	users    *limits.Users
	devices  Devices
	media    Media
	unasked  time.Duration
	after    func(d time.Duration, f func()) (stop func() bool)
	log      *slog.Logger
	report   *problem.Reporter

	conns   *crowd[*conn]   // of the main namespace
	readers *crowd[*reader] // of /message
	seats   *seats
	tables  *tables
	chores  *chores
	timers  sync.WaitGroup // of sockets that were opened unasked

	out      socketio.Broadcaster // reaches conns
	messages socketio.Broadcaster // reaches readers
}

// New makes a door and starts what it does beside its clients, which Stop ends. Both of its
// dialects have to be opened, and it has to be attached to the bus, before the first
// connection.
func New(p Parts) *Door {
	if p.Unasked == 0 {
		p.Unasked = DefaultUnasked
	}
	if p.Media == nil {
		p.Media = noMedia{}
	}
	if p.Users == nil {
		p.Users = limits.NewUsers(false)
	}
	d := &Door{
		accounts: p.Accounts, chat: p.Chat, views: p.Views, private: p.Private, online: p.Presence,
		groups: p.Groups, bus: p.Bus, limits: p.Limits, users: p.Users, devices: p.Devices, media: p.Media, unasked: p.Unasked, after: after, log: p.Log,
		report: problem.NewReporter(p.Log),
		conns:  newCrowd[*conn](), readers: newCrowd[*reader](), seats: newSeats(), tables: newTables(),
	}
	d.chores = startChores(map[chore]func(ctx context.Context, about string, who audience){
		updating: d.update, listing: d.list, reading: d.read, watching: d.watch,
	}, p.Log)
	return d
}

func after(d time.Duration, f func()) (stop func() bool) { return time.AfterFunc(d, f).Stop }

// Stop ends what the door does beside its clients and waits for it, or returns ctx's error.
// The engine and the bus have stopped before.
func (d *Door) Stop(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		d.timers.Wait()
		d.chores.stop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inHandOff runs f between two events of a room and waits for it.
func (d *Door) inHandOff(room bus.RoomID, f func()) {
	d.bus.Await(d.bus.Part(string(room)), f)
}

// betweenAll returns when every hand-off has done what it was about.
func (d *Door) betweenAll() {
	var all sync.WaitGroup
	for part := range d.bus.Parts() {
		all.Add(1)
		d.bus.Do(part, all.Done)
	}
	all.Wait()
}
