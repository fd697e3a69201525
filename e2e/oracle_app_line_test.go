package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// joined is what an appLine's hear gets the data of a join's ack as.
const joined = "joined"

// appLine is one socket of a VChat app, as line is one of ExpressChat: it can be cut at any
// moment, does not reconnect, and speaks just enough of Engine.IO 3 or 4.
type appLine struct {
	ws        *websocket.Conn
	namespace string // empty, or /message
	revision  int    // of Engine.IO
	hear      func(event string, arg json.RawMessage)
	greeted   chan struct{}
	greet     sync.Once
	ended     chan struct{}
	acks      chan bool // of the one join that is on its way: whether it was granted
	sentAway  string    // as in line
}

// pulse is how often a client of Engine.IO 3 pings: the server waits for ten seconds.
const pulse = 4 * time.Second

// redialApp connects as u as soon as the server lets it, as redial does.
func redialApp(ctx context.Context, s *server, u *user, namespace string, revision int, hear func(string, json.RawMessage)) (l *appLine, err error) {
	err = poll(ctx, "an app's connection", func() (bool, error) {
		var failed error
		l, failed = dialAppLine(ctx, s, u, namespace, revision, hear)
		if errors.Is(failed, errSentAway) {
			return false, failed
		}
		return failed == nil, nil
	})
	return l, err
}

func dialAppLine(ctx context.Context, s *server, u *user, namespace string, revision int, hear func(string, json.RawMessage)) (*appLine, error) {
	address := fmt.Sprintf("%s/socket.io/?EIO=%d&transport=websocket", strings.Replace(s.url, "http", "ws", 1), revision)
	ws, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {u.access}}})
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	ws.SetReadLimit(8 << 20)
	l := &appLine{
		ws: ws, namespace: namespace, revision: revision, hear: hear,
		greeted: make(chan struct{}), ended: make(chan struct{}), acks: make(chan bool, 1),
	}
	go l.read()
	if revision == 3 {
		go l.ping()
	}
	if revision == 4 || namespace != "" { // the main one opens unasked in Engine.IO 3
		l.write("0", "")
	}
	select {
	case <-l.greeted:
		return l, nil
	case <-l.ended:
		return nil, l.end()
	case <-ctx.Done():
		l.cut()
		return nil, fmt.Errorf("wait for the greeting: %w", ctx.Err())
	}
}

func (l *appLine) end() error { return (&line{sentAway: l.sentAway}).end() }

func (l *appLine) cut() {
	_ = l.ws.CloseNow()
	<-l.ended
}

// write sends a packet of Socket.IO to the line's namespace.
func (l *appLine) write(kind, body string) {
	to := l.namespace
	if to != "" {
		to += ","
	}
	l.send("4" + kind + to + body)
}

func (l *appLine) send(packet string) {
	_ = l.ws.Write(context.Background(), websocket.MessageText, []byte(packet))
}

func (l *appLine) ping() {
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			l.send("2")
		case <-l.ended:
			return
		}
	}
}

func (l *appLine) read() {
	defer close(l.ended)
	for {
		_, packet, err := l.ws.Read(context.Background())
		if err == nil {
			if err = l.take(string(packet)); err != nil {
				l.sentAway = err.Error()
			}
		}
		if err != nil {
			_ = l.ws.CloseNow()
			return
		}
	}
}

// take handles one packet. The error is that of a client which may not come back.
func (l *appLine) take(packet string) error {
	if packet == "2" && l.revision == 4 {
		go l.send("3") // not from here: the server may be waiting for us to read
		return nil
	}
	if len(packet) < 2 || packet[0] != '4' {
		return nil
	}
	body, ours := strings.CutPrefix(packet[2:], l.namespace)
	body = strings.TrimPrefix(body, ",")
	switch kind := packet[1]; {
	case kind == '0':
		if ours {
			l.greet.Do(func() { close(l.greeted) })
		}
		return nil
	case kind == '2' && ours:
		return l.event(body)
	case kind == '3' && ours:
		return l.ack(body)
	default:
		return fmt.Errorf("a refusal, or what is not for it: %.100s", packet)
	}
}

func (l *appLine) event(text string) error {
	var parts []json.RawMessage
	var name string
	if json.Unmarshal([]byte(text), &parts) != nil || len(parts) != 2 || json.Unmarshal(parts[0], &name) != nil {
		return fmt.Errorf("an odd event %.100s", text)
	}
	l.hear(name, parts[1])
	return nil
}

func (l *appLine) ack(text string) error {
	var parts []struct {
		Success bool
		Data    json.RawMessage
	}
	body, asked := strings.CutPrefix(text, "1")
	if !asked || json.Unmarshal([]byte(body), &parts) != nil || len(parts) != 1 {
		return fmt.Errorf("an odd ack %.100s", text)
	}
	if parts[0].Success {
		l.hear(joined, parts[0].Data)
	}
	l.acks <- parts[0].Success
	return nil
}

// join asks for a room in /message, and for the rooms in the main namespace. The error is
// errLineEnded if the answer did not come, or was that this is no time to ask.
func (l *appLine) join(ctx context.Context, what string) error {
	l.write("2", fmt.Sprintf(`1["join",%q]`, what))
	select {
	case granted := <-l.acks:
		if !granted {
			return errLineEnded
		}
		return nil
	case <-l.ended:
		return l.end()
	case <-ctx.Done():
		return fmt.Errorf("ack of join: %w", context.Cause(ctx))
	}
}
