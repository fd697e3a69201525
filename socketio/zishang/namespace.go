package zishang

import (
	"bytes"
	"errors"
	"sync"

	sio "github.com/zishang520/socket.io/servers/socket/v3"

	"expresschat/socketio"
	"expresschat/socketio/acks"
	"expresschat/socketio/hooks"
	"expresschat/socketio/packet"
)

// refused is all that a client learns that may not come in, unless Authorise has words.
const refused = "not authorised"

// receivers keeps the lists of broadcasts that are over, empty.
var receivers = sync.Pool{New: func() any { return new([]*socket) }}

// namespace is one that somebody opened.
type namespace struct {
	socketio.Namespace
	e     *engine
	door  *hooks.Door
	rooms *socketio.Rooms[*socket]
	acks  acks.Table[*socket]
}

// Emit implements socketio.Broadcaster.
func (n *namespace) Emit(to socketio.Audience, event string, arg any) error {
	if n.e.stage.Load() >= stopped {
		return socketio.ErrStopped
	}
	list := receivers.Get().(*[]*socket)
	defer func() {
		clear(*list)
		*list = (*list)[:0]
		receivers.Put(list)
	}()
	*list = n.rooms.Reach(to, *list)
	if len(*list) == 0 {
		return nil
	}
	w, err := n.encode(event, arg)
	if err != nil {
		return err
	}
	for _, s := range *list {
		s.send(w)
	}
	return nil
}

func (n *namespace) encode(event string, arg any) (w wire, err error) {
	begin := []byte{messageDigit}
	if args, ok := arg.(socketio.Args); ok {
		w.text, err = packet.AppendEventArgs(begin, n.Name, event, args.JSON, len(args.Attachments))
		w.attach(args)
		return w, err
	}
	w.text, err = packet.AppendEvent(begin, n.Name, event, arg)
	return w, err
}

// encodeEventAck is encode for an event that the client is to acknowledge by id.
func (n *namespace) encodeEventAck(id uint64, event string, arg any) (w wire, err error) {
	begin := []byte{messageDigit}
	if args, ok := arg.(socketio.Args); ok {
		w.text, err = packet.AppendEventAckArgs(begin, n.Name, id, event, args.JSON, len(args.Attachments))
		w.attach(args)
		return w, err
	}
	w.text, err = packet.AppendEventAck(begin, n.Name, id, event, arg)
	return w, err
}

func (n *namespace) encodeAck(id uint64, result any) (w wire, err error) {
	begin := []byte{messageDigit}
	if args, ok := result.(socketio.Args); ok {
		w.text, err = packet.AppendAckArgs(begin, n.Name, id, args.JSON, len(args.Attachments))
		w.attach(args)
		return w, err
	}
	w.text, err = packet.AppendAck(begin, n.Name, id, result)
	return w, err
}

// attach copies the attachments of args.
func (w *wire) attach(args socketio.Args) {
	for _, a := range args.Attachments {
		w.attachments = append(w.attachments, bytes.Clone(a))
	}
}

// authorise is the library's middleware. The hook runs beside it, so that the
// connection's heartbeat goes on.
func (n *namespace) authorise(lib *sio.Socket, next func(*sio.ExtendedError)) {
	c := n.e.conn(lib.Conn())
	if c == nil {
		next(sio.NewExtendedError(refused, nil))
		return
	}
	s := c.socket(n.Name)
	if s == nil {
		s, _ = c.seat(n, nil, nil) // revision 3 joins the default namespace unasked
	}
	s.lib = lib
	n.e.run.Go(func() {
		defer n.e.catch("authorise")
		var err error
		if n.e.stage.Load() == serving {
			s.identity, err = n.e.run.Authorise(&n.Namespace, s.handshake())
		}
		switch {
		case n.e.stage.Load() != serving:
			s.putOff(next)
		case err != nil && !errors.As(err, &s.farewell):
			s.refuse(err, next)
		default:
			if s.farewell == nil {
				c.settle()
			}
			s.letIn.Store(true)
			next(nil)
		}
	})
}

// connected runs when the library has told the client that it is in.
func (n *namespace) connected(lib *sio.Socket) {
	defer n.e.catch("connected")
	c := n.e.conn(lib.Conn())
	if c == nil {
		lib.Disconnect(false) // the library didn't notice that the connection ended
		return
	}
	s := c.socket(n.Name)
	_ = lib.On("disconnect", func(args ...any) {
		reason, _ := args[0].(string)
		s.end(c.why(reason))
		s.goneOnce.Do(func() { close(s.gone) })
	})
	defer close(s.live)
	if c.eio.ReadyState() != "open" {
		lib.Disconnect(false)
		return
	}
	if s.farewell != nil {
		s.bid()
		return
	}
	s.open()
}
