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
	all     socketio.ArgsHandler // the handler, if it wants all of the event
}

// NewDoor returns the door to ns, whose handlers must not change any more.
func NewDoor(run *Runner, ns *socketio.Namespace) *Door {
	d := &Door{run: run, ns: ns, handlers: make(map[string]*named, len(ns.Handlers))}
	for name, h := range ns.Handlers {
		if h != nil {
			all, _ := h.(socketio.ArgsHandler)
			d.handlers[name] = &named{name, h, all}
		}
	}
	return d
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
		result, err = nil, fmt.Errorf("%w: %v", socketio.ErrPanic, panicked)
	}
	if d.ns.Respond == nil {
		return
	}
	call := socketio.NewCall(e.name, e.acker, e.ackID)
	d.run.guard("respond", func() { d.ns.Respond(d.run.ctx, s, call, result, err) })
}
