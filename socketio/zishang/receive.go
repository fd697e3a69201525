package zishang

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/zishang520/socket.io/parsers/socket/v3/parser"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
	"expresschat/socketio/packet"
)

// What costs a client its connection, besides packet.ErrMalformed. It is the library
// that gets these; all it does with them is to close.
var (
	errBinary     = errors.New("zishang: binary message where none belongs")
	errNamespace  = errors.New("zishang: event for a namespace that was not joined")
	errDuplicate  = errors.New("zishang: namespace joined twice")
	errUnexpected = errors.New("zishang: packet that only servers send")
	errConnects   = errors.New("zishang: more CONNECTs than a client has use for")
	errPanic      = errors.New("zishang: panic while a packet was handled")
)

// receive handles one message. library passes a packet on to the library.
func (c *conn) receive(m *message, library func(*parser.Packet)) error {
	c.mu.Lock()
	deaf := c.deaf
	c.mu.Unlock()
	if deaf {
		return nil
	}
	p, attachments, complete, err := c.assemble(m)
	if err != nil || !complete {
		return err
	}
	switch p.Type {
	case packet.Connect:
		return c.join(p, library)
	case packet.Disconnect:
		return c.leave(p, library)
	case packet.Event, packet.BinaryEvent:
		return c.event(p, attachments)
	case packet.Ack, packet.BinaryAck:
		return c.acknowledged(p, attachments)
	}
	return errUnexpected
}

// assemble decodes m, or adds it to the packet that it is an attachment of.
func (c *conn) assemble(m *message) (p packet.Packet, attachments [][]byte, complete bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.isText == (c.binary != nil) {
		return p, nil, false, errBinary
	}
	if !m.isText {
		if complete, err = c.binary.Add(m.data); complete {
			p, attachments = c.binary.Packet()
			c.binary = nil
		}
		return p, attachments, complete, err
	}
	p, err = packet.Decode(m.data)
	if err == nil && p.Attachments > 0 {
		c.binary = packet.Assemble(p, int(c.e.opts.MaxPayload))
		return p, nil, false, nil
	}
	return p, nil, err == nil, err
}

// join makes a socket for a namespace that somebody opened, and lets the library ask
// whether it may come in. For any other the library has the answer.
func (c *conn) join(p packet.Packet, library func(*parser.Packet)) error {
	if c.connects++; c.connects > socketio.MaxConnects {
		return errConnects
	}
	auth, err := p.Auth()
	if err != nil {
		return err
	}
	name, query := p.Namespace, ""
	if c.eio.Protocol() == 3 {
		name, query, _ = strings.Cut(p.Namespace, "?")
	}
	if old := c.socket(name); old != nil && old.hasEnded() && !c.await(old.gone) {
		return nil // the library would take it for a second one at the same time
	}
	if n := c.e.namespaces[name]; n != nil {
		params, _ := url.ParseQuery(query)
		if _, ok := c.seat(n, auth, params); !ok {
			return errDuplicate
		}
	}
	library(&parser.Packet{Type: parser.CONNECT, Nsp: p.Namespace})
	return nil
}

// seat makes the socket of c in n. It is false when there is one already.
func (c *conn) seat(n *namespace, auth json.RawMessage, params url.Values) (*socket, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.sockets[n.Name]; old != nil && !old.hasEnded() {
		return old, false
	}
	s := newSocket(c, n, auth, params)
	c.busy()
	c.sockets[n.Name] = s
	if c.over {
		s.end("")
	}
	return s, true
}

// unseat forgets a socket that was not let in.
func (c *conn) unseat(s *socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sockets[s.ns.Name] == s {
		delete(c.sockets, s.ns.Name)
	}
}

func (c *conn) socket(namespace string) *socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[namespace]
}

// leave ends the socket here, where its events are in order, and then has the library
// end its own. The client may join anew at once, so that is awaited.
func (c *conn) leave(p packet.Packet, library func(*parser.Packet)) error {
	if err := p.Check(); err != nil {
		return err
	}
	s := c.socket(p.Namespace)
	if s == nil && c.unasked(p.Namespace) {
		return nil
	}
	if s == nil || !s.letIn.Load() {
		return errNamespace
	}
	if !c.await(s.live) || !s.end(socketio.ReasonClientLeft) {
		return nil // the farewells have crossed
	}
	library(&parser.Packet{Type: parser.DISCONNECT, Nsp: p.Namespace})
	c.await(s.gone)
	c.idle()
	return nil
}

// await is false when the connection ends first.
func (c *conn) await(happened <-chan struct{}) bool {
	select {
	case <-happened:
		return true
	case <-c.done:
		return false
	}
}

// unasked tells whether a client may take itself to be in a namespace though it has no
// socket there.
func (c *conn) unasked(namespace string) bool {
	return c.eio.Protocol() == 3 && namespace == "/"
}

// event queues an event, and returns when the next one may be read.
func (c *conn) event(p packet.Packet, attachments [][]byte) error {
	name, arg, err := p.Event()
	if err != nil {
		return err
	}
	s := c.socket(p.Namespace)
	if s == nil && c.unasked(p.Namespace) {
		return nil
	}
	if s == nil || !s.letIn.Load() {
		return errNamespace
	}
	if c.e.stage.Load() != serving {
		return nil // as if it had not arrived: it is not answered, and the client dropped
	}
	e := hooks.Event{Name: name, Arg: arg, List: p.Data, Attachments: attachments}
	if p.HasID {
		e.Acker, e.AckID = s, p.ID
	}
	c.hold(s.inbox.Put(e))
	return nil
}

// acknowledged hands an acknowledgement to who waits for it.
func (c *conn) acknowledged(p packet.Packet, attachments [][]byte) error {
	if err := p.Check(); err != nil {
		return err
	}
	s := c.socket(p.Namespace)
	if s == nil && c.unasked(p.Namespace) {
		return nil
	}
	if s == nil || !s.letIn.Load() {
		return errNamespace
	}
	if p.HasID {
		s.ns.acks.Answer(s, p.ID, p.Data, attachments)
	}
	return nil
}
