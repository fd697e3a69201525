package own

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/engineio"
	"expresschat/socketio/hooks"
	"expresschat/socketio/packet"
)

// parting is how long a client that was disconnected has to close the connection
// itself. Some notice a close at once, but a packet only later, and would take the
// one for the other and come back.
const parting = 300 * time.Millisecond

// What costs a client its connection, besides packet.ErrMalformed.
var (
	errBinary     = errors.New("own: binary message where none belongs")
	errNamespace  = errors.New("own: packet for a namespace that was not joined")
	errDuplicate  = errors.New("own: namespace joined twice")
	errUnexpected = errors.New("own: packet that only servers send")
	errConnects   = errors.New("own: more CONNECTs than a client has use for")
)

// client is one connection, with its sockets in namespaces. It is an
// engineio.Receiver.
type client struct {
	e       *engine
	session *engineio.Session

	// The handshake, as far as namespaces may ask for it.
	header        http.Header
	query, remote string

	binary   *packet.Assembly // only Message uses it
	connects int              // as of the handshake; only join uses it, which runs in Message

	mu    sync.Mutex
	first *socket            // most clients have but one
	more  map[string]*socket // by namespace
	over  bool
}

// Message implements engineio.Receiver.
func (c *client) Message(data []byte, isBinary bool) (full <-chan struct{}, err error) {
	if isBinary {
		return c.attachment(data)
	}
	if c.binary != nil {
		return nil, errBinary
	}
	p, err := packet.Decode(data)
	if err != nil {
		return nil, err
	}
	if p.Attachments > 0 {
		c.binary = packet.Assemble(p, c.e.opts.MaxPayload)
		return nil, nil
	}
	return c.packet(p, nil)
}

// attachment takes an attachment, and the packet it belongs to if it is the last one.
func (c *client) attachment(data []byte) (full <-chan struct{}, err error) {
	if c.binary == nil {
		return nil, errBinary
	}
	complete, err := c.binary.Add(data)
	if err != nil || !complete {
		return nil, err
	}
	p, attachments := c.binary.Packet()
	c.binary = nil
	return c.packet(p, attachments)
}

func (c *client) packet(p packet.Packet, attachments [][]byte) (full <-chan struct{}, err error) {
	switch p.Type {
	case packet.Event, packet.BinaryEvent:
		return c.event(p, attachments)
	case packet.Connect:
		return nil, c.join(p)
	case packet.Disconnect:
		return nil, c.leave(p)
	case packet.Ack, packet.BinaryAck:
		return nil, c.acknowledged(p, attachments)
	}
	return nil, errUnexpected
}

// event queues an event for its handler.
func (c *client) event(p packet.Packet, attachments [][]byte) (full <-chan struct{}, err error) {
	name, arg, err := p.Event()
	if err != nil {
		return nil, err
	}
	s := c.socket(p.Namespace)
	if s == nil && c.unasked(p.Namespace) {
		return nil, nil
	}
	if s == nil || !s.letIn.Load() {
		return nil, errNamespace
	}
	if c.e.stage.Load() != serving {
		return nil, nil // as if it had not arrived: it is not answered, and the client dropped
	}
	e := hooks.Event{Name: name, Arg: arg, List: p.Data, Attachments: attachments}
	if p.HasID {
		e.Acker, e.AckID = s, p.ID
	}
	return s.inbox.Put(e), nil
}

// acknowledged hands an acknowledgement to who waits for it. It need not wait for the
// handlers of events that came before, one of which may be who waits.
func (c *client) acknowledged(p packet.Packet, attachments [][]byte) error {
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

// unasked tells whether a client may take itself to be in a namespace though it has no
// socket there.
func (c *client) unasked(namespace string) bool {
	return c.session.Revision() == 3 && namespace == "/"
}

// joinUnasked is how clients of revision 3 get into the default namespace.
func (c *client) joinUnasked() {
	if c.e.namespaces["/"] == nil {
		m := engineio.NewMessage()
		m.B = packet.AppendConnectPlain(m.B, "/")
		c.session.Send(m.Once())
		return
	}
	_ = c.join(packet.Packet{Type: packet.Connect, Namespace: "/"})
}

// join asks whether the client may come into a namespace, beside what it says
// meanwhile.
func (c *client) join(p packet.Packet) error {
	if c.connects++; c.connects > socketio.MaxConnects {
		return errConnects
	}
	auth, err := p.Auth()
	if err != nil {
		return err
	}
	name, query := p.Namespace, ""
	if c.session.Revision() == 3 {
		name, query, _ = strings.Cut(name, "?")
	}
	n := c.e.namespaces[name]
	if n == nil {
		c.refuse(name, "Invalid namespace", c.session.Revision() != 3)
		return nil
	}
	s := newSocket(c, n)
	if !c.seat(s) {
		return errDuplicate
	}
	h := c.handshake(query)
	h.Auth = append(h.Auth, auth...)
	c.e.run.Go(func() { s.authorise(h) })
	return nil
}

// handshake is what the client said, query that of a namespace in revision 3.
func (c *client) handshake(query string) socketio.Handshake {
	values, _ := url.ParseQuery(c.query)
	own, _ := url.ParseQuery(query)
	for name, value := range own {
		values[name] = value
	}
	return socketio.Handshake{
		Header: c.header, Query: values, RemoteAddr: c.remote, Revision: c.session.Revision(), Conn: c.session.ID(),
	}
}

// refuse tells a client that it can't come into a namespace, in an object or, as is usual
// in revision 3, in plain words.
func (c *client) refuse(namespace, why string, object bool) {
	m := engineio.NewMessage()
	if object {
		m.B = packet.AppendConnectError(m.B, namespace, why)
	} else {
		m.B = packet.AppendConnectErrorPlain(m.B, namespace, why)
	}
	c.session.Send(m.Once())
}

// leave ends the socket of a client that says goodbye.
func (c *client) leave(p packet.Packet) error {
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
	s.end(socketio.ReasonClientLeft)
	c.idle()
	return nil
}

// idle gives a client that is in no namespace, nor asking, as long as it had at first. That is
// looked at and done under mu, which seat takes: who comes in afterwards takes it back.
func (c *client) idle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.isSeated() {
		c.session.CloseAfter(c.e.opts.ConnectTimeout, socketio.ReasonTransport)
	}
}

// isSeated is with mu held.
func (c *client) isSeated() bool {
	return slices.ContainsFunc(c.all(), func(s *socket) bool { return !s.over.Load() })
}

// seat makes s the client's socket in its namespace. It is false when there is one.
func (c *client) seat(s *socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.find(s.ns.Name); old != nil && !old.over.Load() {
		return false
	}
	if c.first == nil || c.first.ns == s.ns {
		c.first = s
	} else {
		if c.more == nil {
			c.more = map[string]*socket{}
		}
		c.more[s.ns.Name] = s
	}
	if c.over {
		s.over.Store(true)
	}
	return true
}

// find is socket with mu held.
func (c *client) find(namespace string) *socket {
	if c.first != nil && c.first.ns.Name == namespace {
		return c.first
	}
	return c.more[namespace]
}

// socket is the client's last one in a namespace. It may have ended: what was under way
// then is for nobody.
func (c *client) socket(namespace string) *socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(namespace)
}

// unseat forgets a socket that was not let in.
func (c *client) unseat(s *socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == s {
		c.first = nil
	} else if c.more[s.ns.Name] == s {
		delete(c.more, s.ns.Name)
	}
}

// all lists the sockets.
func (c *client) all() []*socket {
	var all []*socket
	if c.first != nil {
		all = append(all, c.first)
	}
	for _, s := range c.more {
		all = append(all, s)
	}
	return all
}

// part ends the connection of a client that was told to leave, unless another namespace
// still uses it. The client gets some time to do it itself.
func (c *client) part(reason string) {
	c.mu.Lock()
	seated := c.isSeated()
	c.mu.Unlock()
	if !seated {
		c.session.Finish(parting, reason)
	}
}

// Closed implements engineio.Receiver.
func (c *client) Closed(reason string) {
	c.mu.Lock()
	c.over = true
	all := c.all()
	c.mu.Unlock()
	for _, s := range all {
		s.end(reason)
	}
}
