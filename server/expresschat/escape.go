package expresschat

import (
	"encoding/json"
	"slices"
	"strings"

	"expresschat/socketio"
)

// Everything that a client hears leaves the door through this file, because some clients
// insert text as HTML: the page of the first server did, with whatever people called
// themselves or said. For them, if the operator wants it so, all text is escaped on its way
// out. Those that are known to show text as text get it as it is.

// ownClient is what the web client of this server calls itself in auth.client, before a
// slash and its version.
const ownClient = "expresschat-web"

// plainClients are those that show text as text; nil where nothing is escaped for anybody.
type plainClients []string

// takesHTML tells whether text has to be escaped for who shows this in a handshake.
func (p plainClients) takesHTML(shown json.RawMessage) bool {
	if p == nil {
		return false
	}
	var given struct {
		Client string `json:"client"`
	}
	if json.Unmarshal(shown, &given) != nil {
		return true
	}
	name, _, _ := strings.Cut(given.Client, "/")
	return !slices.Contains(p, name)
}

// htmlRoom is where those sit for whom text is escaped, of those who would sit in a room.
// A connection's own room can't be left, so that one of theirs has this one beside it.
func htmlRoom(room string) string { return "h:" + room }

// in is where a connection sits that is to hear what is told in a room.
func (c *conn) in(room string) string {
	if c.html {
		return htmlRoom(room)
	}
	return room
}

// emit tells one connection. It fails only when the socket is gone.
func (c *conn) emit(event string, arg any) { _ = c.socket.Emit(event, c.form(arg)) }

// ack answers one event of a connection.
func (c *conn) ack(call socketio.Call, arg any) { call.Ack(c.form(arg)) }

func (c *conn) form(arg any) any {
	if c.html {
		return escaped{arg}
	}
	return arg
}

// broadcast tells all who are in an audience, which names rooms and connections. Each of the
// two forms is encoded once.
func (d *Door) broadcast(to socketio.Audience, event string, arg any) {
	if d.plain == nil {
		d.emitTo(to, event, arg)
		return
	}
	plain := socketio.Audience{Rooms: to.Rooms, Except: slices.Clone(to.Except)}
	var html socketio.Audience
	for _, room := range to.Rooms {
		html.Rooms = append(html.Rooms, htmlRoom(room))
		if !strings.Contains(room, ":") { // a connection's own
			plain.Except = append(plain.Except, htmlRoom(room))
		}
	}
	for _, room := range to.Except {
		html.Except = append(html.Except, htmlRoom(room))
	}
	d.emitTo(plain, event, arg)
	d.emitTo(html, event, escaped{arg})
}

func (d *Door) emitTo(to socketio.Audience, event string, arg any) {
	if err := d.out.Emit(to, event, arg); err != nil {
		d.log.Debug("emit failed", "event", event, "error", err)
	}
}

// escaped is an argument with all its texts escaped for HTML, whatever they are: what is
// added to the wire one day is escaped as well.
type escaped struct{ arg any }

// MarshalJSON implements json.Marshaler.
func (e escaped) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(e.arg)
	if err != nil {
		return nil, err
	}
	return escapeTexts(text), nil
}

// entities are what stands for what is special in HTML: by the character, and by how
// encoding/json has written it in place of that.
var entities = map[string]string{
	`'`: "&#39;", `\"`: "&quot;", `\u0026`: "&amp;", `\u003c`: "&lt;", `\u003e`: "&gt;",
}

// escapeTexts escapes the strings of JSON that encoding/json has written. That writes each of
// these characters in one way only, and none of them outside of strings.
func escapeTexts(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for i := 0; i < len(text); {
		size := 1
		if text[i] == '\\' {
			size = 2
			if text[i+1] == 'u' {
				size = 6
			}
		}
		unit := text[i : i+size]
		if entity, special := entities[string(unit)]; special {
			out = append(out, entity...)
		} else {
			out = append(out, unit...)
		}
		i += size
	}
	return out
}
