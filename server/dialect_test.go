package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"expresschat/server"
	"expresschat/socketio"
)

// engine keeps the namespace that is opened on it.
type engine struct {
	socketio.Engine
	socketio.Broadcaster
	ns socketio.Namespace
}

func (e *engine) Open(ns socketio.Namespace) socketio.Broadcaster {
	e.ns = ns
	return e
}

// sock is a socket of somebody.
type sock struct {
	socketio.Socket
	identity any
}

func (s sock) Identity() any { return s.identity }

// left and right are the identities of two doors.
type (
	left  string
	right string
)

// dialect is a door that claims connections by a key of their query, and notes in log what it
// is asked to do.
func dialect[I ~string](name string, events []string, log *[]string) server.Dialect {
	note := func(what string) { *log = append(*log, name+" "+what) }
	handlers := map[string]socketio.Handler{}
	for _, e := range events {
		handlers[e] = socketio.Handle(func(context.Context, socketio.Socket, any) (any, error) { return name, nil })
	}
	return server.Dialect{
		Claims: func(h socketio.Handshake) server.Claim {
			switch h.Query.Get(name) {
			case "shown":
				return server.Shown
			case "perhaps":
				return server.Fallback
			}
			return server.NoClaim
		},
		Owns:         func(identity any) bool { _, ours := identity.(I); return ours },
		Opened:       func(out socketio.Broadcaster) { note("opened") },
		Headers:      []string{name},
		Authorise:    func(context.Context, socketio.Handshake) (any, error) { return I(name), nil },
		Connected:    func(context.Context, socketio.Socket) { note("connected") },
		Disconnected: func(_ socketio.Socket, reason string) { note("disconnected " + reason) },
		Handlers:     handlers,
		Respond:      func(context.Context, socketio.Socket, socketio.Call, any, error) { note("responds") },
	}
}

func TestTheSurestClaimCounts(t *testing.T) {
	t.Parallel()
	var log []string
	e := &engine{}
	if err := server.Open(e, "/", dialect[left]("left", nil, &log), dialect[right]("right", nil, &log)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ left, right, want string }{
		{"shown", "shown", "left"},
		{"shown", "perhaps", "left"},
		{"perhaps", "shown", "right"},
		{"perhaps", "perhaps", "left"},
		{"", "perhaps", "right"},
		{"", "", ""},
	} {
		h := socketio.Handshake{Query: map[string][]string{"left": {tt.left}, "right": {tt.right}}}
		identity, err := e.ns.Authorise(t.Context(), h)
		got := ""
		switch i := identity.(type) {
		case left:
			got = string(i)
		case right:
			got = string(i)
		}
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%+v: %v %v", tt, identity, err)
		}
	}
}

// A socket's hooks are its own door's, and so are its events.
func TestSocketsBelongToOneDoor(t *testing.T) {
	t.Parallel()
	var log []string
	e := &engine{}
	if err := server.Open(e, "/", dialect[left]("left", []string{"a"}, &log), dialect[right]("right", []string{"b"}, &log)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []sock{{identity: left("x")}, {identity: right("x")}, {identity: "nobody's"}} {
		e.ns.Connected(t.Context(), s)
		e.ns.Respond(t.Context(), s, socketio.Call{}, nil, errors.New("x"))
		e.ns.Disconnected(s, "gone")
		for _, event := range []string{"a", "b", "c"} {
			if e.ns.Serves(s.identity, event) {
				log = append(log, "serves "+event)
			}
		}
	}
	want := "left opened, right opened, " +
		"left connected, left responds, left disconnected gone, serves a, " +
		"right connected, right responds, right disconnected gone, serves b"
	if got := strings.Join(log, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if len(e.ns.Handlers) != 2 || len(e.ns.Headers) != 2 {
		t.Errorf("the namespace is %+v", e.ns)
	}
}

func TestTwoDoorsHaveNoEventInCommon(t *testing.T) {
	t.Parallel()
	var log []string
	err := server.Open(&engine{}, "/", dialect[left]("left", []string{"a"}, &log), dialect[right]("right", []string{"a"}, &log))
	if err == nil || len(log) > 0 {
		t.Errorf("opened: %v %v", err, log)
	}
}
