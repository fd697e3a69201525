package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"

	"expresschat/bench/socketio/load"
	"expresschat/socketio"
	"expresschat/socketio/own"
	"expresschat/socketio/zishang"
)

// engines are those that are measured against Node's, in the order of the turns.
func engines() []engine {
	return []engine{
		{"zishang", func(log *slog.Logger) socketio.Engine { return zishang.New(zishang.Options{Logger: log}) }},
		{"own", func(log *slog.Logger) socketio.Engine { return own.New(own.Options{Logger: log}) }},
	}
}

type engine struct {
	name string
	make func(*slog.Logger) socketio.Engine
}

// The events of the application. bench/peers/socketio/server.mjs has the same.
type (
	text struct {
		Text string `json:"text"`
	}
	room struct {
		Room string `json:"room"`
	}
	say struct {
		Room string `json:"room"`
		Text string `json:"text"`
	}
)

var errToken = errors.New("wrong token")

// application is what all servers are measured with: a token that is checked, an echo,
// and rooms. Everybody in a room gets what is said there, the sender too.
func application(e socketio.Engine) http.Handler {
	var all socketio.Broadcaster
	all = e.Open(socketio.Namespace{
		Name:      "/",
		Authorise: authorise,
		Handlers: map[string]socketio.Handler{
			"echo": socketio.Handle(func(_ context.Context, _ socketio.Socket, m text) (any, error) {
				return m, nil
			}),
			"join": socketio.Handle(func(_ context.Context, s socketio.Socket, m room) (any, error) {
				s.Join(m.Room)
				return text{m.Room}, nil
			}),
			"say": socketio.Handle(func(_ context.Context, _ socketio.Socket, m say) (any, error) {
				return nil, all.Emit(socketio.Audience{Rooms: []string{m.Room}}, "said", text{m.Text})
			}),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
			if err == nil {
				c.Ack(result)
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", e)
	mux.HandleFunc("/settle", settle)
	return mux
}

func authorise(_ context.Context, h socketio.Handshake) (any, error) {
	var auth struct{ Token string }
	if err := json.Unmarshal(h.Auth, &auth); err != nil {
		return nil, err
	}
	if auth.Token != load.Token {
		return nil, errToken
	}
	return nil, nil
}

// settle frees what can be freed. Twice, because pools outlive a first collection.
func settle(w http.ResponseWriter, _ *http.Request) {
	debug.FreeOSMemory()
	debug.FreeOSMemory()
	_, _ = io.WriteString(w, "ok")
}
