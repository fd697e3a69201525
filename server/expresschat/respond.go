package expresschat

import (
	"context"
	"errors"

	"expresschat/auth"
	"expresschat/server/limits"
	"expresschat/server/problem"
	"expresschat/socketio"
)

// failEvents are what a failed event is answered by where the protocol has an event of
// its own for that; all others get chat-error.
var failEvents = map[string]string{
	"add-member": "add-member-fail",
	"leave-grp":  "group-left-fail",
}

// respond answers an event: its ack if the client asked for one, and what section 5 says
// of errors.
func (d *Door) respond(_ context.Context, s socketio.Socket, call socketio.Call, result any, err error) {
	c := s.Identity().(*conn)
	if err == nil {
		if result == nil {
			result = ack{true}
		}
		c.ack(call, result)
		return
	}
	if errors.Is(err, errSuperseded) {
		c.ack(call, refusal{reason: superseded})
		return
	}
	p := d.explain(call.Event, err)
	why := reason{Code: p.Code, Message: p.Text, RetryAfter: p.RetryAfter}
	fail, own := failEvents[call.Event]
	switch {
	case errors.Is(err, limits.ErrRate) && (own || !call.WantsAck()) && !c.counted.MayTell():
	case own:
		c.emit(fail, failure{Message: p.Text})
	case !call.WantsAck():
		c.emit("chat-error", chatError{call.Event, why})
	}
	c.ack(call, refusal{reason: why})
}

// explain finds what a client is told, and logs what is the operator's to know.
func (d *Door) explain(what string, err error) problem.Problem {
	if errors.Is(err, socketio.ErrDecode) {
		err = problem.ErrBadInput
	}
	if reuse := (*auth.ReuseError)(nil); errors.As(err, &reuse) {
		d.log.Warn("refresh token used again, session ended", "user", reuse.User, "session", reuse.Session)
	}
	return d.report.Explain(what, err)
}
