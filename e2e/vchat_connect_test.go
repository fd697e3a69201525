package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// frames is a websocket that shows the frames of Engine.IO as they are.
type frames struct {
	t  testing.TB
	ws *websocket.Conn
}

func dialFrames(t testing.TB, s *server, query string, headers http.Header) frames {
	t.Helper()
	address := strings.Replace(s.url, "http", "ws", 1) + "/socket.io/?transport=websocket&" + query
	ws, _, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPHeader: headers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return frames{t, ws}
}

func (f frames) send(frame string) {
	f.t.Helper()
	if err := f.ws.Write(f.t.Context(), websocket.MessageText, []byte(frame)); err != nil {
		f.t.Fatal(err)
	}
}

// next is the next frame, empty if the server closes.
func (f frames) next() string {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	_, frame, err := f.ws.Read(ctx)
	if err != nil && ctx.Err() != nil {
		f.t.Fatal("neither a frame nor a close")
	}
	return string(frame)
}

// wants checks the next frame.
func (f frames) wants(frame string) {
	f.t.Helper()
	if got := f.next(); got != frame {
		f.t.Fatalf("got the frame %.300q, want %q", withoutTokens(got), frame)
	}
}

// opened reads the open packet and checks what is wanted of it.
func (f frames) opened(wanted obj) {
	f.t.Helper()
	frame := f.next()
	body, found := strings.CutPrefix(frame, "0")
	v, err := strictly([]byte(body))
	if err != nil || !found {
		f.t.Fatalf("no open packet: %q %v", frame, err)
	}
	check(f.t, "the open packet", v, wanted)
}

// refused checks for an error packet.
func (f frames) refused(prefix string) {
	f.t.Helper()
	frame := f.next()
	reason, found := strings.CutPrefix(frame, prefix)
	if !found {
		f.t.Fatalf("got the frame %.300q, want an error packet %s", frame, prefix)
	}
	v, err := strictly([]byte(reason))
	if err != nil {
		f.t.Fatal(err)
	}
	check(f.t, "the refusal", v, exact{"message": someText})
}

// closed checks that the server closes.
func (f frames) closed() {
	f.t.Helper()
	if frame := f.next(); frame != "" && frame != "1" {
		f.t.Errorf("not closed, but got %.300q", frame)
	}
}

func authorization(value string) http.Header { return http.Header{"Authorization": {value}} }

// As the SDK's engine says it.
func TestVChatOnEngineIO3(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana")
	for _, value := range []string{w.users["ana"].access, "Bearer " + w.users["ana"].access} {
		f := dialFrames(t, w.s, "EIO=3", authorization(value))
		f.opened(obj{"sid": someText, "upgrades": list{}, "pingInterval": 5000, "pingTimeout": 5000})
		f.wants("40")
		for range 3 {
			f.send("2")
			f.wants("3")
		}
		f.send(`420["join","join"]`)
		f.wants(`430[{"success":true,"data":[]}]`)
		f.send(`40/message,`)
		f.wants("40/message,")
		f.send(`421["join"]`)
		f.wants(`431[{"success":true,"data":[]}]`)
		f.send(`42["join"]`)
		f.wants(`42["all_rooms",[]]`)
	}
}

func TestVChatRefusesBadTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana")
	for name, value := range map[string]string{"empty": "", "wrong": "xxx", "wrong bearer": "Bearer xxx", "damaged": w.users["ana"].access + "x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := dialFrames(t, w.s, "EIO=3", authorization(value))
			f.opened(obj{})
			f.refused("44")
			f.closed()
			f = dialFrames(t, w.s, "EIO=4", authorization(value))
			f.opened(obj{})
			f.send("40")
			f.refused("44")
			f = dialFrames(t, w.s, "EIO=4", authorization(value))
			f.opened(obj{})
			f.send("40/message,")
			f.refused("44/message,")
		})
	}
	for name, auth := range map[string]string{"wrong": `"xxx"`, "empty": `""`, "a number": `17`} {
		t.Run("auth.token "+name, func(t *testing.T) {
			t.Parallel()
			f := dialFrames(t, w.s, "EIO=4", nil)
			f.opened(obj{})
			f.send(`40{"token":` + auth + `}`)
			f.refused("44")
		})
	}
}

// The dialect of a connection shows in what it brings, in this order.
func TestVChatTellsItsClientsFromOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.registered("ana")
	w.signUp("ben")
	ben := w.users["ben"]
	pair := "&accessToken=" + ben.access + "&refreshToken=" + ben.refresh
	t.Run("a header goes before a token pair", func(t *testing.T) {
		t.Parallel()
		f := dialFrames(t, w.s, "EIO=3"+pair, authorization(w.users["ana"].access))
		f.opened(obj{})
		f.wants("40")
		f.send(`420["join"]`)
		f.wants(`430[{"success":true,"data":[]}]`)
	})
	t.Run("even one that is empty", func(t *testing.T) {
		t.Parallel()
		f := dialFrames(t, w.s, "EIO=3"+pair, authorization(""))
		f.opened(obj{})
		f.refused("44")
	})
	t.Run("but not a proxy's", func(t *testing.T) {
		t.Parallel()
		for _, revision := range []string{"EIO=3", "EIO=4"} {
			f := dialFrames(t, w.s, revision+pair, authorization("Basic YTpi"))
			f.opened(obj{})
			if revision == "EIO=4" {
				f.send("40")
			}
			if frame := f.next(); !strings.HasPrefix(frame, "40") {
				t.Fatalf("%s: not connected: %.200q", revision, frame)
			}
			if frame := f.next(); !strings.HasPrefix(frame, `42["user-id",`) {
				t.Errorf("%s: not greeted as ExpressChat's client: %.200q", revision, frame)
			}
		}
	})
	t.Run("with nothing at all Engine.IO 3 is VChat's", func(t *testing.T) {
		t.Parallel()
		f := dialFrames(t, w.s, "EIO=3", nil)
		f.opened(obj{})
		f.refused("44")
		f.closed()
	})
	t.Run("and Engine.IO 4 ExpressChat's", func(t *testing.T) {
		t.Parallel()
		f := dialFrames(t, w.s, "EIO=4", nil)
		f.opened(obj{})
		f.send("40")
		if frame := f.next(); !strings.HasPrefix(frame, "40") {
			t.Fatalf("not connected: %.200q", frame)
		}
		if frame := f.next(); !strings.HasPrefix(frame, `42["auth-failure",`) {
			t.Errorf("no auth-failure: %.200q", frame)
		}
	})
}

// A refusal gets through to the clients, in both namespaces.
func TestVChatClientsHearARefusal(t *testing.T) {
	t.Parallel()
	inEveryApp(t, func(t *testing.T, how style) {
		w := newWorld(t, "")
		for _, namespace := range []string{"", "/message"} {
			o := how.appOptions(namespace, "xxx")
			o.Reconnection = false
			c := w.dial("stranger"+namespace, &user{}, how, o)
			if s := c.awaitKind(sawConnectError); !strings.Contains(s.Text, "uthenticat") {
				t.Errorf("%s%s: refused with %q", how, namespace, s.Text)
			}
		}
	})
}

// A refusal closes, and does not leave it to the client.
func TestVChatClosesWhomItRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for _, namespace := range []string{"", "/message,"} {
		t.Run("40"+namespace, func(t *testing.T) {
			t.Parallel()
			f := dialFrames(t, w.s, "EIO=4", authorization("xxx"))
			f.opened(obj{})
			f.send("40" + namespace)
			f.refused("44" + namespace)
			f.closed()
		})
	}
}
