package hooks

import (
	"fmt"

	"expresschat/socketio"
)

// Door is a namespace as its inboxes need it. An engine makes one for each.
type Door struct {
	run      *Runner
	ns       *socketio.Namespace
	handlers map[string]*named
}

// named is a handler with the name of its event.
type named struct {
	name    string
	handler socketio.Handler
	all     socketio.ArgsHandler  // the handler, if it wants all of the event
	later   socketio.LaterHandler // the handler, if its outcome comes later
	aside   bool                  // and others don't wait for it
}

// NewDoor returns the door to ns, whose handlers must not change any more.
func NewDoor(run *Runner, ns *socketio.Namespace) *Door {
	d := &Door{run: run, ns: ns, handlers: make(map[string]*named, len(ns.Handlers))}
	for name, h := range ns.Handlers {
		if h != nil {
			all, _ := h.(socketio.ArgsHandler)
			later, _ := h.(socketio.LaterHandler)
			_, aside := h.(socketio.AsideHandler)
			d.handlers[name] = &named{name, h, all, later, aside}
		}
	}
	return d
}

// serves asks the namespace whether events of that name are for s. If it panics, none is.
func (d *Door) serves(s socketio.Socket, event string) (yes bool) {
	if d.ns.Serves == nil {
		return true
	}
	d.run.guard("serves", func() { yes = d.ns.Serves(s.Identity(), event) })
	return yes
}

func (d *Door) connected(s socketio.Socket) {
	if d.ns.Connected != nil {
		d.run.guard("connected", func() { d.ns.Connected(d.run.ctx, s) })
	}
}

func (d *Door) disconnected(s socketio.Socket, reason string) {
	if d.ns.Disconnected != nil {
		d.run.guard("disconnected", func() { d.ns.Disconnected(s, reason) })
	}
}

// serve runs the handler of one event and hands its outcome to Respond.
func (d *Door) serve(s socketio.Socket, e *entry) {
	var result any
	var err error
	panicked := d.run.guard("handler", func() {
		if e.all != nil {
			result, err = e.all.ServeArgs(d.run.ctx, s, e.args())
			return
		}
		result, err = e.handler.Serve(d.run.ctx, s, e.payload())
	})
	if panicked != nil {
		result, err = nil, panicError(panicked)
	}
	d.respond(s, e, result, err)
}

// serveLater begins to handle an event. Once its handler has answered, e may be anybody's.
func (d *Door) serveLater(s socketio.Socket, e *entry) {
	reply, returned := socketio.NewReply(e, e.turn.Load()), false
	defer func() {
		if !returned { // its goroutine ends (runtime.Goexit)
			reply.Done(nil, socketio.ErrPanic)
		}
	}()
	panicked := d.run.guard("handler", func() { e.later.ServeLater(d.run.ctx, s, e.payload(), reply) })
	returned = true
	if panicked != nil {
		reply.Done(nil, panicError(panicked))
	}
}

func panicError(panicked any) error { return fmt.Errorf("%w: %v", socketio.ErrPanic, panicked) }

func (d *Door) respond(s socketio.Socket, e *entry, result any, err error) {
	if d.ns.Respond == nil {
		return
	}
	call := socketio.NewCall(e.name, e.acker, e.ackID)
	d.run.guard("respond", func() { d.ns.Respond(d.run.ctx, s, call, result, err) })
}
