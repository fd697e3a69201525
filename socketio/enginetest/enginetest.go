// Package enginetest checks that an engine keeps the promises of package socketio. It
// speaks to it over the wire, as raw websockets and long polls, and so knows nothing
// of what stands behind it.
package enginetest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
)

// patience is how long a test waits for anything before it fails.
const patience = 30 * time.Second

// Config is what a test wants of an engine. Zero values leave the engine's defaults.
type Config struct {
	PingInterval, PingTimeout time.Duration
	// LegacyPingInterval and LegacyPingTimeout are what clients of revision 3 are told.
	LegacyPingInterval, LegacyPingTimeout time.Duration
	ConnectTimeout, BodyTimeout           time.Duration
	MaxPayload                            int64
	Logger                                *slog.Logger
}

// Make returns an engine that lets revision 3 in.
type Make func(Config) socketio.Engine

// Run checks the engines that make returns.
func Run(t *testing.T, make Make) {
	for name, test := range map[string]func(*testing.T, Make){
		"emits arrive in order":                      testOrder,
		"acks":                                       testAcks,
		"outcomes that come later":                   testLater,
		"bursts":                                     testBurst,
		"stop waits for outcomes":                    testStopWaitsForLater,
		"unknown events are ignored":                 testUnknown,
		"arguments that do not fit":                  testDecode,
		"all arguments and attachments":              testArgs,
		"arguments belong to who gets them":          testArgsStay,
		"attachments follow at once":                 testArgsTogether,
		"arguments that cannot be sent":              testArgsThatCannotBeSent,
		"clients acknowledge":                        testEmitAck,
		"acknowledgements in a namespace":            testEmitAckNamespace,
		"acknowledgements behind events":             testEmitAckBehindEvents,
		"acknowledgements past the bound":            testEmitAckPastBound,
		"acknowledgements that never come":           testEmitAckEnds,
		"stop ends the wait for acknowledgements":    testEmitAckStop,
		"malformed attachments":                      testMalformedAttachments,
		"connecting":                                 testProtocolConnect,
		"connect timeout":                            testConnectTimeout,
		"bounds of what one message may be":          testBounds,
		"bounds of what one connection may ask":      testConnects,
		"a body that trickles":                       testTrickle,
		"new connections that may not come in":       testAdmit,
		"disconnecting":                              testProtocolDisconnect,
		"malformed packets":                          testProtocolMalformed,
		"headers":                                    testHeaders,
		"sockets do not wait for each other":         testParallel,
		"a hook that blocks stops only its socket":   testBlockingHooks,
		"panics end nothing":                         testPanics,
		"handshake":                                  testHandshake,
		"refusal":                                    testRefusal,
		"refusal in words":                           testRefusalInWords,
		"refusal in words, revision 3":               testRevision3RefusalInWords,
		"farewell":                                   testFarewell,
		"events that are not for everybody":          testServes,
		"sockets of one connection":                  testConn,
		"namespaces":                                 testNamespaces,
		"drop":                                       testDrop,
		"disconnect":                                 testDisconnect,
		"ping timeout":                               testPingTimeout,
		"last events of a client that leaves":        testLastEvents,
		"a client may come back on its connection":   testRejoin,
		"a disconnected client may come back":        testRejoinAfterDisconnect,
		"rooms":                                      testRooms,
		"an ended socket joins nothing":              testJoinAfterEnd,
		"storm of joins and broadcasts":              testStorm,
		"past the bound nothing is read":             testPressure,
		"past the bound nothing is read from a post": testPressurePolling,
		"a slow reader is cut and nobody else":       testSlow,
		"a client that never polls is cut":           testSlowPolling,
		"a poll that nobody reads is cut":            testStuckPoll,
		"polling":                                    testPolling,
		"upgrade under load":                         testUpgrade,
		"malformed input costs the sender's session": testMalformed,
		"malformed posts cost the sender's session":  testMalformedPosts,
		"large messages":                             testLarge,
		"other origins":                              testOrigins,
		"requests that may not come in":              testAllow,
		"any path":                                   testPath,
		"revision 3":                                 testRevision3,
		"revision 3 over polling":                    testRevision3Polling,
		"revision 3 of the protocol":                 testRevision3Protocol,
		"revision 3 unasked":                         testRevision3Unasked,
		"revision 3 is told when to ping":            testRevision3Pings,
		"stop waits for handlers and drops":          testStop,
		"stop gives up":                              testStopGivesUp,
		"stop ends clients that poll":                testStopPolling,
		"stop does not wait for a post":              testStopStuckPost,
		"stop with nobody there":                     testStopIdle,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make)
		})
	}
}

// server is an engine that serves.
type server struct {
	t      *testing.T
	engine socketio.Engine
	url    string
	to     socketio.Broadcaster // of the first namespace
}

// start serves an engine with namespaces until the test ends. Names may be empty.
func start(t *testing.T, make Make, cfg Config, namespaces ...socketio.Namespace) *server {
	t.Helper()
	s := &server{t: t, engine: make(cfg)}
	for i, ns := range namespaces {
		if ns.Name == "" {
			ns.Name = "/"
		}
		if b := s.engine.Open(ns); i == 0 {
			s.to = b
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", s.engine)
	web := httptest.NewServer(mux)
	s.url = web.URL + "/socket.io/"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.engine.Stop(ctx); err != nil {
			t.Errorf("stop at the end: %v", err)
		}
		web.Close()
	})
	return s
}

func (s *server) address(query string) string {
	u := s.url + "?EIO=4"
	if strings.Contains(query, "EIO=") {
		u = s.url + "?"
	}
	return u + "&" + query
}

func (s *server) ws(query string) string {
	return "ws" + strings.TrimPrefix(s.address("transport=websocket&"+query), "http")
}

// signal is a channel of things that happened.
type signal[T any] chan T

func newSignal[T any]() signal[T] { return make(chan T, 4096) }

// wait returns the next one.
func (c signal[T]) wait(t *testing.T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}

// none fails when something has happened until now. It says nothing unless the test knows
// that whatever should not happen would have happened by now.
func (c signal[T]) none(t *testing.T) {
	t.Helper()
	select {
	case v := <-c:
		t.Fatalf("happened: %v", v)
	default:
	}
}

// noMore fails when anything happens before the engine has stopped, which waits for all hooks.
func (c signal[T]) noMore(t *testing.T, s *server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.engine.Stop(ctx); err != nil {
		t.Error(err)
	}
	c.none(t)
}

// gate is closed until a test opens it, at its end at the latest.
type gate struct {
	ch   chan struct{}
	once sync.Once
}

func newGate(t *testing.T) *gate {
	g := &gate{ch: make(chan struct{})}
	t.Cleanup(g.open)
	return g
}

func (g *gate) open() { g.once.Do(func() { close(g.ch) }) }

func (g *gate) pass() { <-g.ch }

// logged collects what an engine logs.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// do is a handler without result.
func do[In any](f func(s socketio.Socket, in In)) socketio.Handler {
	return socketio.Handle(func(_ context.Context, s socketio.Socket, in In) (any, error) {
		f(s, in)
		return nil, nil
	})
}

// answer is a Respond that acknowledges results, and errors by their text.
func answer(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
	if err != nil {
		c.Ack(err.Error())
		return
	}
	c.Ack(result)
}

// query is url.Values in one line.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
