package zishang_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	eio "github.com/zishang520/socket.io/clients/engine/v3"
	sio "github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"

	"expresschat/socketio"
	"expresschat/socketio/zishang"
)

// TestClient talks to the engine through the library's own client, which is as close
// to the official one as Go comes: what it makes of a drop and of a disconnect is
// what users will see.
func TestClient(t *testing.T) {
	t.Parallel()
	transports := map[string]*types.Set[eio.TransportCtor]{
		"websocket":            types.NewSet[eio.TransportCtor](sio.WebSocket),
		"polling with upgrade": types.NewSet[eio.TransportCtor](sio.Polling, sio.WebSocket),
	}
	for name, set := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testClient(t, set)
		})
	}
}

// calculator is a namespace that adds, and ends its sockets as it is told.
func calculator() socketio.Namespace {
	return socketio.Namespace{
		Name: "/",
		Handlers: map[string]socketio.Handler{
			"add": socketio.Handle(func(_ context.Context, _ socketio.Socket, in []int) (any, error) {
				sum := 0
				for _, n := range in {
					sum += n
				}
				return sum, nil
			}),
			"ask": socketio.Handle(func(ctx context.Context, s socketio.Socket, in int) (any, error) {
				return s.EmitAck(ctx, "double", in)
			}),
			"end": socketio.Handle(func(_ context.Context, s socketio.Socket, how string) (any, error) {
				if how == "drop" {
					s.Drop("for a test")
				} else {
					s.Disconnect()
				}
				return nil, nil
			}),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) {
			c.Ack(result)
		},
	}
}

func testClient(t *testing.T, transports *types.Set[eio.TransportCtor]) {
	e := zishang.New(zishang.Options{})
	e.Open(calculator())
	web := httptest.NewServer(e)
	t.Cleanup(web.Close)
	t.Cleanup(func() {
		if err := e.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})

	happened := make(chan string, 64)
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-happened:
			if got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("waiting for %s", want)
		}
	}
	opts := sio.DefaultOptions()
	opts.SetTransports(transports)
	opts.SetForceNew(true)
	opts.SetReconnectionDelay(1)
	opts.SetReconnectionDelayMax(10)
	opts.SetAutoConnect(false)
	c, err := sio.Connect(web.URL, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Disconnect() })
	_ = c.On("connect", func(...any) { happened <- "connect" })
	_ = c.On("disconnect", func(args ...any) { happened <- fmt.Sprint(args[0]) })
	c.Connect()
	wait("connect")
	for i := range 20 {
		_ = c.Emit("add", []int{i, i}, func(args []any, err error) { happened <- fmt.Sprint(args, err) })
		wait(fmt.Sprint([]any{float64(2 * i)}, nil))
	}
	_ = c.On("double", func(args ...any) {
		args[1].(func([]any, error))([]any{2 * args[0].(float64), "doubled"}, nil)
	})
	_ = c.Emit("ask", 21, func(args []any, err error) { happened <- fmt.Sprint(args, err) })
	wait("[42 doubled] <nil>")
	_ = c.Emit("end", "drop")
	select {
	case got := <-happened:
		if got != "transport close" && got != "transport error" {
			t.Fatalf("a dropped client noticed: %s", got)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("a dropped client noticed nothing")
	}
	wait("connect") // by itself
	_ = c.Emit("end", "disconnect")
	wait("io server disconnect")
	if c.Active() {
		t.Error("a disconnected client wants to come back")
	}
}
