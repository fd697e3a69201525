package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"time"

	"expresschat/auth"
	"expresschat/auth/mailer"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
	"expresschat/groups"
	"expresschat/media"
	"expresschat/media/bucket"
	"expresschat/media/picture"
	"expresschat/server"
	"expresschat/server/expresschat"
	"expresschat/server/files"
	"expresschat/server/limits"
	"expresschat/server/problem"
	"expresschat/server/vchat"
	"expresschat/socketio"
	"expresschat/socketio/own"
	"expresschat/socketio/zishang"
	"expresschat/store"
	"expresschat/templates"
	"expresschat/web"
)

const (
	// grace bounds an orderly stop. The database's own comes after it, and both have to
	// be over in ten seconds.
	grace = 7 * time.Second
	// startPatience bounds how long a database may take to come up, recovery after a
	// crash included.
	startPatience = 2 * time.Minute
	// readers bounds the connections to the database of those who read, spareLanes those
	// that lanes have beside one for each: a connection that broke may take a while to go.
	readers    = 20
	spareLanes = 4
)

// app is everything that runs, in the order in which it is stopped.
type app struct {
	config config
	log    *slog.Logger

	engine  socketio.Engine
	vchat   *vchat.Door
	lanes   *lane.Log
	bus     *bus.Local
	workers *workers
	store   *store.Store
	media   *media.Service
	handler http.Handler
}

// serve runs the server until ctx ends or it can't go on.
func serve(ctx context.Context, environ []string, stdout, stderr io.Writer) (err error) {
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return wrong("CHAT_ADDR", fmt.Sprintf("an address that this machine can listen on (%v)", cause(err)))
	}
	defer l.Close()
	c.settle(l.Addr())

	db, err := openDatabase(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	objects, err := bucket.Open(ctx, c.MediaURL, filepath.Join(c.DataDir, "media"))
	if err != nil {
		return fmt.Errorf("%w (%w)", wrong("CHAT_MEDIA_URL", wantMediaURL), err)
	}
	defer objects.Close()
	a, err := assemble(c, db.store, objects, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // a private database that is gone for good takes the server with it
		select {
		case <-db.gone:
			log.Error("the private database ended")
			cancel()
		case <-ctx.Done():
		}
	}()
	fmt.Fprintf(stdout, "ExpressChat listens on http://%s\n", reachable(l.Addr().String()))
	log.Info("listening", "address", l.Addr().String(), "public_url", c.publicURL.String(), "version", version)
	err = server.Serve(ctx, l, a.handler, grace, log, a.stop)
	log.Info("stopped")
	return err
}

func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// assemble makes what runs out of its parts. Only here do they meet.
func assemble(c config, db *store.Store, objects *bucket.Bucket, log *slog.Logger) (*app, error) {
	pages, err := templates.New()
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	origins, _ := server.ParseOrigins(c.AllowedOrigins)
	proxies, _ := server.ParseProxies(c.TrustedProxies)
	sender, mailbox, err := mailSender(c, pages)
	if err != nil {
		return nil, err
	}
	worker := mailer.NewWorker(db.Outbox(), sender, log)
	b := bus.NewLocal(runtime.GOMAXPROCS(0), log)
	lanes := lane.New(c.lanes, db, b)
	a := &app{config: c, log: log, store: db, bus: b, lanes: lanes}
	a.engine = newEngine(c.SocketIO, log)
	a.media = media.New(media.Config{
		Files: db.Files(), Bucket: objects, Pictures: picture.Pictures{},
		Limits: c.mediaLimit, Quota: c.mediaQuota, Log: log,
	})
	b.Bursts(a.engine.Burst)
	names := chat.NewNames(lanes, db)
	departures := groups.NewDepartures(groups.New(lanes, db, c.groupLimit), lanes, db, names, log)
	accounts, err := newAuth(c, db, mailer.NewWriter(pages), worker, announcer{b, names, departures, log})
	if err != nil {
		return nil, err
	}
	doors, err := a.openDoors(accounts, pages, browserPages(mailbox))
	if err != nil {
		return nil, fmt.Errorf("open the doors: %w", err)
	}
	a.handler = server.New(server.Parts{
		Proxies: proxies, Origins: origins, Ready: ready(db, lanes), Socket: a.engine, Mailbox: mailbox,
		Arrivals: limits.NewArrivals(c.limits), Secure: c.publicURL.Scheme == "https",
		Upload: a.media.Request(), PageCSS: templates.PageCSS(), Doors: doors, Log: log,
	})
	listen := func(ctx context.Context) { db.Listen(ctx, accounts) }
	a.workers = startWorkers(worker.Run, sweeper(db, log), listen, departures.Run, a.media.Run)
	return a, nil
}

// openDoors makes the doors, which share users, rooms and messages, who is online, and how
// often anybody may try.
func (a *app) openDoors(accounts *auth.Service, pages *templates.Set, browser http.Handler) ([]server.Door, error) {
	talk, together := chat.New(a.lanes, a.store), groups.New(a.lanes, a.store, a.config.groupLimit)
	secret, err := secrets(a.config.RefreshSecret, a.config.DataDir, "refresh_secret")
	if err != nil {
		return nil, err
	}
	online, quotas := chat.NewPresence(a.bus), limits.New(a.config.limits, a.store, secret[0])
	users := limits.NewUsers(a.config.limits)
	private := chat.NewPrivate(a.lanes, a.store, a.store, a.bus)
	express := expresschat.New(expresschat.Parts{
		Auth: accounts, Chat: talk, Private: private, Groups: together, Bus: a.bus, Pages: pages, Web: browser,
		EscapeHTML: a.config.escapeHTML, PlainClients: a.config.PlainClients,
		Secure: a.config.publicURL.Scheme == "https", Limits: quotas, Users: users, Presence: online, Log: a.log,
	})
	a.vchat = vchat.New(vchat.Parts{
		Accounts: accounts, Chat: talk, Views: a.store, Private: private,
		Presence: online, Groups: together, Bus: a.bus, Limits: quotas, Users: users,
		Media: a.media, Log: a.log,
	})
	if err := server.Open(a.engine, "/", a.vchat.Dialect(), express.Dialect()); err != nil {
		return nil, err
	}
	if err := server.Open(a.engine, "/message", a.vchat.MessageDialect()); err != nil {
		return nil, err
	}
	a.bus.Attach(express)
	a.bus.Attach(a.vchat)
	accounts.Attach(express)
	accounts.Attach(a.vchat)
	return []server.Door{express, a.vchat, files.New(a.media, problem.NewReporter(a.log))}, nil
}

// browserPages lead to the development mailbox where there is one.
func browserPages(mailbox http.Handler) http.Handler {
	if mailbox == nil {
		return web.Handler()
	}
	return web.Handler(web.WithMailbox())
}

// legacyPing is how often clients of Engine.IO 3 are to ping, and how long they wait for the
// answer: VChat's apps were made with it.
const legacyPing = 5 * time.Second

// newEngine returns the engine that CHAT_SOCKETIO names. Both speak to clients of Engine.IO
// 3, too.
func newEngine(name string, log *slog.Logger) socketio.Engine {
	if name == libraryEngine {
		return zishang.New(zishang.Options{
			Logger: log, AllowEIO3: true, LegacyPingInterval: legacyPing, LegacyPingTimeout: legacyPing,
		})
	}
	return own.New(own.Options{Logger: log, LegacyPingInterval: legacyPing, LegacyPingTimeout: legacyPing})
}

// ready tells whether the server can do its work: the database answers, and the lanes
// have noticed that it does.
func ready(db *store.Store, lanes *lane.Log) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := db.Ping(ctx); err != nil {
			return err
		}
		return lanes.Ready()
	}
}

func newAuth(c config, db *store.Store, letters auth.Letters, postman auth.Postman, out auth.Announcer) (*auth.Service, error) {
	access, err := secrets(c.AccessSecret, c.DataDir, "access_secret")
	if err != nil {
		return nil, err
	}
	refresh, err := secrets(c.RefreshSecret, c.DataDir, "refresh_secret")
	if err != nil {
		return nil, err
	}
	return auth.New(auth.Config{
		AccessSecret: access[0], OldAccessSecrets: access[1:],
		RefreshSecret: refresh[0], OldRefreshSecrets: refresh[1:],
		AccessTTL: c.accessTTL, RefreshTTL: c.refreshTTL, SessionMax: c.sessionMax,
		PublicURL: c.publicURL, Admission: c.admission, HideAccounts: c.hideAccounts,
	}, db, letters, postman, out)
}

// mailSender is SMTP where it is set, else the development mailbox, which is then shown.
func mailSender(c config, pages *templates.Set) (mailer.Sender, http.Handler, error) {
	if c.SMTPURL == "" {
		box := mailer.NewMailbox(pages)
		return box, box, nil
	}
	smtp, err := mailer.NewSMTP(c.SMTPURL, c.MailFrom)
	if err != nil {
		return nil, nil, fmt.Errorf("CHAT_SMTP_URL makes no sense: %w", err)
	}
	return smtp, nil, nil
}

// stop ends what handlers wait for, in order: events that have arrived are handled and
// committed, what they led to is handed to sockets, sockets are dropped, workers end.
func (a *app) stop(ctx context.Context) {
	a.log.Info("stopping")
	for _, part := range []struct {
		name string
		stop func(context.Context) error
	}{
		{"sockets", a.engine.Stop},
		{"lanes", a.lanes.Stop},
		{"bus", a.bus.Stop},
		{"vchat", a.vchat.Stop},
		{"workers", a.workers.stop},
	} {
		if err := part.stop(ctx); err != nil {
			a.log.Warn("stopped in haste", "part", part.name, "error", err)
		}
	}
}

// announcer puts what auth has to say on the bus.
type announcer struct {
	bus        *bus.Local
	names      *chat.Names
	departures *groups.Departures
	log        *slog.Logger
}

func (a announcer) SessionRevoked(u auth.UserID, s auth.SessionID) {
	a.bus.Publish(bus.SessionRevoked{User: u, Session: s}, nil)
}

// NameChanged implements auth.Announcer. The name is kept: whoever could not be told of it
// sees it when they are back.
func (a announcer) NameChanged(ctx context.Context, u auth.UserID) {
	if err := a.names.Tell(ctx, u); err != nil {
		a.log.Warn("new name not told", "error", err)
	}
}

// AccountDeleted implements auth.Announcer.
func (a announcer) AccountDeleted(auth.UserID) { a.departures.Wake() }
