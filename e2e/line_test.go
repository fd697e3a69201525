package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// errLineEnded is what a question gets whose line ended before the answer.
var errLineEnded = errors.New("the line ended first")

// line is one websocket that speaks just enough of Engine.IO 4 and Socket.IO 5 to send
// thousands of events without waiting, and to be cut at any moment. It does not
// reconnect, so that a test decides when, and knows what got lost with which line.
type line struct {
	ws *websocket.Conn
	// hear gets every event, one after another, in the order of arrival.
	hear    func(event string, arg json.RawMessage)
	greeted chan struct{} // closed with the last of the lists that a connection gets
	ended   chan struct{}
	userID  string // of whom the server took us for; read it after greeted
	// sentAway tells how the server said that the client shall not come back by itself,
	// empty if it did not. Read it after ended.
	sentAway string

	mu   sync.Mutex // guards what follows
	acks map[int]func(reply)
	last int
}

// reply is an ack.
type reply struct {
	Success   bool   `json:"success"`
	Code      string `json:"code"`
	ID        string `json:"Id"`
	Seq       int64  `json:"Seq"`
	Timestamp string `json:"Timestamp"`
	HasMore   bool   `json:"HasMore"`
	Unread    int64  `json:"Unread"`
	ChatID    string `json:"ChatId"`
}

// dialLine connects as u, and returns when the lists have arrived.
func dialLine(ctx context.Context, s *server, u *user, hear func(string, json.RawMessage)) (*line, error) {
	address := strings.Replace(s.url, "http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
	ws, _, err := websocket.Dial(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	ws.SetReadLimit(8 << 20)
	l := &line{
		ws: ws, hear: hear, acks: map[int]func(reply){},
		greeted: make(chan struct{}), ended: make(chan struct{}),
	}
	go l.read()
	tokens, err := json.Marshal(obj{"accessToken": u.access, "refreshToken": u.refresh})
	if err != nil {
		return nil, err
	}
	l.write("40" + string(tokens))
	select {
	case <-l.greeted:
		return l, nil
	case <-l.ended:
		return nil, l.end()
	case <-ctx.Done():
		l.cut()
		return nil, fmt.Errorf("wait for the lists: %w", ctx.Err())
	}
}

// redial connects as u as soon as the server lets it, as a client does that comes back by
// itself. The error is final: the time is over, or the client was sent away.
func redial(ctx context.Context, s *server, u *user, hear func(string, json.RawMessage)) (l *line, err error) {
	err = poll(ctx, "a connection", func() (bool, error) {
		var failed error
		l, failed = dialLine(ctx, s, u, hear)
		if errors.Is(failed, errSentAway) {
			return false, failed
		}
		return failed == nil, nil
	})
	return l, err
}

var errSentAway = errors.New("the server sent the client away")

// end is why a line is of no more use.
func (l *line) end() error {
	if l.sentAway != "" {
		return fmt.Errorf("%w: %s", errSentAway, l.sentAway)
	}
	return errLineEnded
}

// cut ends the line without a word, as a lost network does.
func (l *line) cut() {
	_ = l.ws.CloseNow()
	<-l.ended
}

// write sends one packet. A line that is broken says so to its reader.
func (l *line) write(packet string) {
	_ = l.ws.Write(context.Background(), websocket.MessageText, []byte(packet))
}

func (l *line) read() {
	defer close(l.ended)
	for {
		_, packet, err := l.ws.Read(context.Background())
		if err != nil {
			_ = l.ws.CloseNow()
			return
		}
		if err := l.take(packet); err != nil {
			l.sentAway = err.Error()
		}
	}
}

// take handles one packet. The error is that of a client which may not come back.
func (l *line) take(packet []byte) error {
	switch {
	case len(packet) == 1 && packet[0] == '2':
		go l.write("3") // not from here: a writer may be waiting for us to read
	case bytes.HasPrefix(packet, []byte("41")):
		return errors.New("a disconnect")
	case bytes.HasPrefix(packet, []byte("44")):
		return errors.New("a refusal")
	case bytes.HasPrefix(packet, []byte("42")):
		return l.event(packet[2:])
	case bytes.HasPrefix(packet, []byte("43")):
		return l.ack(packet[2:])
	}
	return nil
}

func (l *line) event(text []byte) error {
	var parts []json.RawMessage
	var name string
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 2 || json.Unmarshal(parts[0], &name) != nil {
		return fmt.Errorf("an odd event %.100s", text)
	}
	if name == "auth-failure" {
		return errors.New(name)
	}
	if l.hear != nil {
		l.hear(name, parts[1])
	}
	switch name {
	case "user-id":
		var who struct{ UserID string }
		_ = json.Unmarshal(parts[1], &who)
		l.userID = who.UserID
	case "group-chat-list":
		close(l.greeted)
	}
	return nil
}

func (l *line) ack(text []byte) error {
	digits := bytes.IndexByte(text, '[')
	var parts []reply
	if digits < 0 || json.Unmarshal(text[digits:], &parts) != nil || len(parts) != 1 {
		return fmt.Errorf("an odd ack %.100s", text)
	}
	id, err := strconv.Atoi(string(text[:digits]))
	if err != nil {
		return fmt.Errorf("an odd ack %.100s", text)
	}
	l.mu.Lock()
	then := l.acks[id]
	delete(l.acks, id)
	l.mu.Unlock()
	if then == nil {
		return fmt.Errorf("an ack of nothing %.100s", text)
	}
	then(parts[0])
	return nil
}

// emit sends an event. then gets its ack, in order with what hear gets, and nothing if
// the line ends before.
func (l *line) emit(event string, payload any, then func(reply)) {
	text, err := json.Marshal(list{event, payload})
	if err != nil {
		panic(fmt.Sprintf("%T is not JSON: %v", payload, err))
	}
	l.mu.Lock()
	l.last++
	id := l.last
	l.acks[id] = then
	l.mu.Unlock()
	l.write("42" + strconv.Itoa(id) + string(text))
}

// ask emits and waits for the ack. The error is errLineEnded if it did not come.
func (l *line) ask(ctx context.Context, event string, payload any) (reply, error) {
	answer := make(chan reply, 1)
	l.emit(event, payload, func(r reply) { answer <- r })
	select {
	case r := <-answer:
		return r, nil
	case <-l.ended:
		select {
		case r := <-answer: // it had come before the end
			return r, nil
		default:
			return reply{}, l.end()
		}
	case <-ctx.Done():
		return reply{}, fmt.Errorf("ack of %s: %w", event, ctx.Err())
	}
}

// newLine connects as u for the length of a test.
func newLine(t testing.TB, s *server, u *user, hear func(string, json.RawMessage)) *line {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	l, err := dialLine(ctx, s, u, hear)
	if err != nil {
		t.Fatalf("%s connects: %v", u.name, err)
	}
	t.Cleanup(l.cut)
	return l
}

// must asks for what has to be granted.
func (l *line) must(t testing.TB, event string, payload any) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := l.ask(ctx, event, payload)
	if err != nil || !r.Success {
		t.Fatalf("%s %v: %+v, %v", event, payload, r, err)
	}
	return r
}
