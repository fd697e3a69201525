package load

import (
	"bytes"
	"fmt"

	"expresschat/bench/chat/sockets"
	"expresschat/bench/websocket"
)

// idLen is the length of every id, in bytes.
const idLen = 36

// sight is how something that clients are told looks on the wire: which event it is, and
// what stands before the id of the message and before its content.
type sight struct{ event, id, content []byte }

var (
	// received is a message as members hear it by ExpressChat.
	received = sight{[]byte(`42["receive-group-message",`), []byte(`"Id":"`), []byte(`"Content":"`)}
	// newMessage is one as VChat's clients hear it who have the room open: text in text.
	newMessage = sight{[]byte(`42/message,["new_message",`), []byte(`\"_id\":\"`), []byte(`\"content\":\"`)}
	// updated is a room as one of VChat's sees it, with the newest message in it.
	updated = sight{event: []byte(`42["update_one_room",`), id: []byte(`"lastMessage":{"_id":"`)}
)

// message finds the message in a packet: its number and its id, which is valid as long as
// the packet.
func (s sight) message(p []byte) (n int, id []byte, err error) {
	if id, err = s.idIn(p); err != nil {
		return 0, nil, err
	}
	number, ok := behind(p, s.content, digits)
	if !ok {
		return 0, nil, fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
	n, err = readNumber(number, p)
	return n, id, err
}

// idIn is that of the message. The error is ErrAnswer if the packet is anything else.
func (s sight) idIn(p []byte) ([]byte, error) {
	id, ok := behind(p, s.id, idLen)
	if !ok || !bytes.HasPrefix(p, s.event) {
		return nil, fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
	return id, nil
}

// behind is the n bytes that follow a mark.
func behind(p, mark []byte, n int) ([]byte, bool) {
	at := bytes.Index(p, mark) + len(mark)
	if at < len(mark) || len(p) < at+n {
		return nil, false
	}
	return p[at : at+n], true
}

// entrance is how one of VChat's clients comes in: it opens a namespace, and then is in
// once an ack says that it has joined.
type entrance struct{ namespace, join string }

// mainDoor is that of people, and roomDoor that of those who open a room.
func mainDoor() entrance { return entrance{"", `["join","join"]`} }

func roomDoor(room string) entrance { return entrance{"/message,", fmt.Sprintf(`["join",%q]`, room)} }

// gate has clients enter there.
func (e entrance) gate(loop *sockets.Loop, p Peer) gate { return gate{loop, p, e.enter} }

// enter takes the packets until the client is in, and what events come in between.
func (e entrance) enter(c *client, p []byte, auth string) error {
	switch {
	case bytes.HasPrefix(p, []byte("0{")):
		c.Send(websocket.Text("40" + e.namespace + auth))
	case bytes.HasPrefix(p, []byte("40"+e.namespace+"{")):
		c.Send(websocket.Text("42" + e.namespace + "0" + e.join))
	case bytes.HasPrefix(p, []byte("43"+e.namespace+"0[")) && bytes.Contains(p, success):
		c.in = true
	case !bytes.HasPrefix(p, []byte("42")):
		return fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
	return nil
}

// post is a request that posts a message, made once and sent with another number each time.
type post struct {
	request []byte
	content int // where the number stands
}

func newPost(token, group string) *post {
	body := fmt.Sprintf(`{"type":"text","roomId":%q,"content":"`, group)
	head := fmt.Sprintf("POST /api/v1/message/group HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", token, len(body)+contentLen+len(`"}`))
	p := &post{content: len(head) + len(body)}
	p.request = fmt.Appendf(nil, `%s%s%d%s"}`, head, body, first, filling())
	return p
}

// numbered is the request for the n-th message. It is valid until the next call.
func (p *post) numbered(n int) []byte {
	putNumber(p.request[p.content:], n)
	return p.request
}

// checkPosted tells whether an answer says that the message was sent.
func checkPosted(answer []byte) error {
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) || !bytes.Contains(answer, success) {
		return fmt.Errorf("%w: %.300q", ErrAnswer, answer)
	}
	return nil
}
