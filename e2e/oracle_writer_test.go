package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// window is how many messages a writer has on their way at once.
const window = 6

// draft is a message that somebody wants to say.
type draft struct {
	by       *user
	chat     *talk
	clientID string
	content  string // no other has the same
	ack      *reply // owned by the oracle
	dropped  bool   // the writer gave up on it: it may be stored, once, or not
	// answered is VChat's ack, which tells nothing more. Owned by the oracle.
	answered bool
	after    *draft // what its writer had an answer for, in the same chat, before this
}

// promised tells whether the writer was told that it is stored.
func (d *draft) promised() bool { return d.ack != nil || d.answered }

// writer says one thing after another, and each until it is acked.
type writer struct {
	o    *oracle
	who  *user
	name string // tells the devices of one person apart
	dice *rand.Rand

	said int
	open []*draft // not acked, in the order in which they were made
}

// verdict is what came of a draft.
type verdict struct {
	d *draft
	r reply
}

// run writes until it is enough and everything is acked.
func (w *writer) run(ctx context.Context) error {
	for {
		l, err := redial(ctx, w.o.s, w.who, nil)
		if err != nil {
			return fmt.Errorf("a writer: %w", err)
		}
		done, err := w.use(ctx, l)
		l.cut()
		if done || err != nil {
			return err
		}
		w.open = slices.DeleteFunc(w.open, func(d *draft) bool {
			d.dropped = w.dice.IntN(10) == 0
			return d.dropped
		})
	}
}

// use writes on one line until it ends. It is done when nothing is left to be said.
func (w *writer) use(ctx context.Context, l *line) (done bool, err error) {
	verdicts := make(chan verdict, 2*window) // never full: a line's reader must not wait
	send := func(d *draft) {
		l.emit("send-"+d.chat.kind+"-message",
			obj{"ChatId": d.chat.id, "Content": d.content, "ClientId": d.clientID},
			func(r reply) { verdicts <- verdict{d, r} })
	}
	for _, d := range w.open {
		send(d)
	}
	again := 0 // acks to come of what is acked already
	for {
		for len(w.open) < window && w.more() {
			send(w.draft())
		}
		if len(w.open) == 0 && again == 0 {
			return true, nil
		}
		select {
		case v := <-verdicts:
			i := slices.Index(w.open, v.d)
			switch {
			case !v.r.Success && v.r.Code != "unavailable" && v.r.Code != "busy":
				return false, fmt.Errorf("%w: %q was refused: %+v", errOracle, v.d.content, v.r)
			case !v.r.Success:
				send(v.d)
				continue
			case i < 0:
				again--
			default:
				w.open = slices.Delete(w.open, i, i+1)
			}
			if err := w.o.acked(v.d, v.r); err != nil {
				return false, err
			}
			if again < window && w.dice.IntN(20) == 0 { // the client forgot that it is acked
				again++
				send(v.d)
			}
			if w.dice.IntN(60) == 0 {
				l.cut()
			}
		case <-l.ended:
			if l.sentAway != "" {
				return false, fmt.Errorf("a writer: %w", l.end())
			}
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

func (w *writer) more() bool {
	select {
	case <-w.o.enough:
		return false
	default:
		return true
	}
}

// draft is the next message, which from now on is open.
func (w *writer) draft() *draft {
	d := w.compose()
	w.open = append(w.open, d)
	return d
}

// compose makes up the next message, for one of the writer's chats.
func (w *writer) compose() *draft {
	mine := w.o.chatsOf(w.who)
	w.said++
	d := &draft{by: w.who, chat: mine[w.dice.IntN(len(mine))], clientID: fmt.Sprint(w.name, w.said)}
	d.content = fmt.Sprintf("%s says %s", w.who.name, d.clientID)
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	w.o.drafts[d.content] = d
	return d
}
