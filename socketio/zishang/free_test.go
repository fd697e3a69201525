package zishang

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	client "github.com/coder/websocket"

	"expresschat/socketio"
)

// TestEverythingIsFreed has clients come, talk and go in every way there is. Nothing
// of them may be left, here or in the library.
func TestEverythingIsFreed(t *testing.T) {
	t.Parallel()
	e := New(Options{}).(*engine)
	e.Open(socketio.Namespace{
		Name: "/",
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			switch h.Query.Get("how") {
			case "refuse":
				return nil, context.Canceled
			case "farewell":
				return nil, &socketio.Farewell{Event: "bye"}
			}
			return nil, nil
		},
		Handlers: map[string]socketio.Handler{
			"end": socketio.Handle(func(_ context.Context, s socketio.Socket, how string) (any, error) {
				s.Join("a", "b", how)
				switch how {
				case "drop":
					s.Drop("for a test")
				case "disconnect":
					s.Disconnect()
				}
				return nil, nil
			}),
		},
	})
	n := e.namespaces["/"]
	web := httptest.NewServer(e)
	t.Cleanup(web.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	url := "ws" + strings.TrimPrefix(web.URL, "http") + "/?EIO=4&transport=websocket&how="
	for _, how := range []string{"leave", "close", "drop", "disconnect", "refuse", "farewell", "malformed", "early"} {
		for range 5 {
			ws, _, err := client.Dial(ctx, url+how, nil)
			if err != nil {
				t.Fatal(err)
			}
			say := func(packet string) { _ = ws.Write(ctx, client.MessageText, []byte(packet)) }
			if _, _, err = ws.Read(ctx); err != nil {
				t.Fatal(err)
			}
			say("40")
			if how != "early" {
				_, _, _ = ws.Read(ctx)
			}
			say(fmt.Sprintf(`42["end",%q]`, how))
			switch how {
			case "leave":
				say("41")
				_ = ws.CloseNow()
			case "close", "refuse", "early":
				_ = ws.CloseNow()
			case "malformed":
				say("x")
			}
			for err == nil {
				_, _, err = ws.Read(ctx)
			}
			_ = ws.CloseNow()
		}
	}
	if err := e.live.Wait(ctx); err != nil {
		t.Errorf("connections are left: %v", err)
	}
	if err := e.Stop(ctx); err != nil {
		t.Error(err)
	}
	if len(e.conns) != 0 || e.eio.Clients().Len() != 0 || e.io.Sockets().Sockets().Len() != 0 {
		t.Errorf("%d connections, %d of the library's, %d sockets of the library's are left",
			len(e.conns), e.eio.Clients().Len(), e.io.Sockets().Sockets().Len())
	}
	if got := n.rooms.Reach(socketio.Audience{Rooms: []string{"a", "b", "drop", "disconnect"}}, nil); len(got) != 0 {
		t.Errorf("%d members are left", len(got))
	}
}
