package load

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
)

// fake is a chat server that keeps nothing, and that does wrong what a test asks of it.
type fake struct {
	chats int                // in the list that it greets with
	page  int                // messages in a page
	wrong func(n int) doings // what becomes of the n-th message, nil for what is right

	all socketio.Broadcaster

	mu   sync.Mutex
	said int
	held []event
}

// doings is what becomes of one message.
type doings struct {
	times  int  // it is delivered
	hold   bool // until after the next one
	refuse bool
}

type event struct {
	Audience socketio.Audience
	Name     string
	Arg      map[string]any
}

type fakeUser struct {
	User  string
	Chats []string
}

// serve returns the peer that the fake is.
func (f *fake) serve(t *testing.T) Peer {
	t.Helper()
	engine := own.New(own.Options{Logger: slog.New(slog.DiscardHandler)})
	f.all = engine.Open(socketio.Namespace{
		Name: "/",
		Authorise: func(_ context.Context, h socketio.Handshake) (any, error) {
			var u fakeUser
			err := json.Unmarshal(h.Auth, &u)
			return u, err
		},
		Connected: func(_ context.Context, s socketio.Socket) {
			s.Join(s.Identity().(fakeUser).Chats...)
			_ = s.Emit("user-id", map[string]string{})
			_ = s.Emit(listsAreThere, map[string]any{"GroupChatList": items(f.chats)})
		},
		Handlers: map[string]socketio.Handler{
			"send-personal-message": socketio.Handle(f.send),
			"fetch-personal-chat": socketio.Handle(func(_ context.Context, s socketio.Socket, _ struct{}) (any, error) {
				return nil, s.Emit("personal-chat", map[string]any{"Messages": items(f.page)})
			}),
			"echo": socketio.Handle(func(_ context.Context, _ socketio.Socket, m json.RawMessage) (any, error) { return m, nil }),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, _ error) { c.Ack(result) },
	})
	server := httptest.NewServer(engine)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = engine.Stop(ctx)
		server.Close()
	})
	return Peer{Addr: strings.TrimPrefix(server.URL, "http://"), Auth: fakeAuth, Strict: true, Greets: true}
}

// fakeAuth has users 0 and 1 in one chat, 2 and 3 in the next.
func fakeAuth(user int) (string, error) {
	b, err := json.Marshal(fakeUser{User: string(rune('a' + user)), Chats: []string{chatOf(user)}})
	return string(b), err
}

func chatOf(user int) string { return "chat-" + string(rune('a'+user/2)) }

func items(n int) []map[string]string {
	return slices.Repeat([]map[string]string{{"_id": "x"}}, n)
}

func (f *fake) send(_ context.Context, s socketio.Socket, m struct{ ChatID, Content string }) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said++
	do := doings{times: 1}
	if f.wrong != nil {
		do = f.wrong(f.said)
	}
	e := event{
		socketio.Audience{Rooms: []string{m.ChatID}, Except: []string{s.ID()}},
		"receive-personal-message",
		map[string]any{"ChatId": m.ChatID, "Content": m.Content, "Seq": f.said},
	}
	switch {
	case do.refuse:
		return map[string]any{"success": false, "code": "busy"}, nil
	case do.hold:
		f.held = append(f.held, e)
	default:
		for range do.times {
			_ = f.all.Emit(e.Audience, e.Name, e.Arg)
		}
		for _, h := range f.held {
			_ = f.all.Emit(h.Audience, h.Name, h.Arg)
		}
		f.held = nil
	}
	return map[string]any{"success": true, "Seq": f.said}, nil
}
