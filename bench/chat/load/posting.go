package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"expresschat/bench/chat/sockets"
)

// Posting is a group to which somebody posts by VChat's REST interface while its members
// are online.
type Posting struct {
	Group  string
	Poster int // a user, who has no socket
	Lines  int // that the poster has, each with one message under way
	// Patient has a line wait, before it posts the next one, until all of VChat see the last.
	Patient bool
	// Members are clients of ExpressChat, or else of VChat; Readers of these have the group
	// open as well, on a second connection.
	Members, VChat, Readers []int
	// Long is the token that a user's VChat app has.
	Long func(user int) (string, error)
}

// Posted has every line post one message after another. Each has to reach all Members and
// all Readers once, in one order, and in the end those of VChat have to see the last one as
// the room's newest.
func Posted(ctx context.Context, p Peer, of Posting, s Span, meter Meter) (Result, error) {
	return with(func(loop *sockets.Loop) (Result, error) {
		t := &posting{tally: tally{loop: loop}, patient: of.Patient}
		if err := t.gather(ctx, p, of); err != nil {
			return Result{}, err
		}
		if err := t.connect(p.Addr, of); err != nil {
			return Result{}, err
		}
		for _, l := range t.lines {
			t.send(l)
		}
		return t.measure(ctx, s, meter, t.drain)
	})
}

// posting is one run of that.
type posting struct {
	tally
	lines   []*line
	hearers []*hearer
	viewers []*viewer
	newest  []byte // the largest id that anybody heard or saw
	abreast int    // viewers who see it

	patient bool
	waiting []*line // until all viewers are
	over    bool    // nothing is to be sent any more
}

// line is one of the poster's connections.
type line struct {
	*sockets.Socket
	post  *post
	place int // among the lines
	sent  int
	due   time.Time // of the message under way
}

// gather connects all but the poster.
func (t *posting) gather(ctx context.Context, p Peer, of Posting) error {
	long := p
	long.Auth = func(user int) (string, error) {
		token, err := of.Long(user)
		return fmt.Sprintf(`{"token":%q}`, token), err
	}
	for _, part := range []struct {
		gate  gate
		users []int
		hears func() func(p []byte) error
	}{
		{newGate(t.loop, p), of.Members, t.hearing(received, of.Lines)},
		{mainDoor().gate(t.loop, long), of.VChat, t.viewing},
		{roomDoor(of.Group).gate(t.loop, long), of.Readers, t.hearing(newMessage, of.Lines)},
	} {
		clients, err := part.gate.admit(ctx, part.users)
		if err != nil {
			return err
		}
		for _, c := range clients {
			c.hears = part.hears()
		}
	}
	return nil
}

// connect connects the poster.
func (t *posting) connect(addr string, of Posting) error {
	token, err := of.Long(of.Poster)
	if err != nil {
		return err
	}
	for i := range of.Lines {
		l := &line{post: newPost(token, of.Group), place: i}
		l.Socket, err = t.loop.DialHTTP(addr, func(answer []byte) error { return t.posted(l, answer) })
		if err != nil {
			return err
		}
		t.lines = append(t.lines, l)
	}
	return nil
}

// send posts a line's next message. A message's number tells its line and its place there.
func (t *posting) send(l *line) {
	l.due = t.loop.Now()
	l.Send(l.post.numbered(l.sent*len(t.lines) + l.place))
	l.sent++
	t.sent()
}

func (t *posting) posted(l *line, answer []byte) error {
	if err := checkPosted(answer); err != nil {
		return err
	}
	t.answered(l.due)
	t.waiting = append(t.waiting, l)
	t.goOn()
	return nil
}

// goOn sends what need not wait any more.
func (t *posting) goOn() {
	if t.over || t.patient && !t.allSee(t.acked) {
		return
	}
	ready := t.waiting
	t.waiting = t.waiting[:0]
	for _, l := range ready {
		t.send(l)
	}
}

// allSee tells whether so many messages were heard by all, and all see the last of them.
func (t *posting) allSee(messages int) bool {
	return t.delivered >= messages*len(t.hearers) && t.abreast == len(t.viewers)
}

// note takes in the id of a message, which may be a new one.
func (t *posting) note(id []byte) {
	if bytes.Compare(id, t.newest) > 0 {
		t.newest, t.abreast = append(t.newest[:0], id...), 0
	}
}

// hearing makes one who hears messages, each time it is called.
func (t *posting) hearing(of sight, lines int) func() func(p []byte) error {
	return func() func(p []byte) error {
		h := newHearer(lines)
		t.hearers = append(t.hearers, h)
		return func(p []byte) error {
			n, id, err := of.message(p)
			if err != nil {
				return err
			}
			t.delivered++
			t.note(id)
			t.goOn()
			return h.arrived(n, id)
		}
	}
}

// viewing makes one who sees the room.
func (t *posting) viewing() func(p []byte) error {
	v := &viewer{}
	t.viewers = append(t.viewers, v)
	return func(p []byte) error {
		id, err := updated.idIn(p)
		if err != nil {
			return err
		}
		t.updated++
		t.note(id)
		if !bytes.Equal(id, v.last) && bytes.Equal(id, t.newest) {
			t.abreast++
		}
		t.goOn()
		return v.sees(id)
	}
}

// drain waits until all that was posted is acked, heard and seen, and checks that it is.
func (t *posting) drain(ctx context.Context) (late int, err error) {
	t.over = true
	err = t.loop.Run(ctx, patience, func() bool { return t.underWay == 0 && t.allSee(t.acked) })
	if err != nil {
		return 0, fmt.Errorf("%d messages without an ack, %d of %d delivered, %d of %d members see the last one: %w",
			t.underWay, t.delivered, t.acked*len(t.hearers), t.abreast, len(t.viewers), err)
	}
	for _, h := range t.hearers {
		for i := range h.lines {
			if err := h.lines[i].complete(t.lines[i].sent); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// hearer is what one client hears of all lines: each message once, those of a line as they
// were sent, and all as their ids sort.
type hearer struct {
	lines []order
	last  []byte // the largest id so far
}

func newHearer(lines int) *hearer {
	h := &hearer{lines: make([]order, lines)}
	for i := range h.lines {
		h.lines[i].strict = true
	}
	return h
}

// arrived takes in the n-th message.
func (h *hearer) arrived(n int, id []byte) error {
	if n < 0 {
		return fmt.Errorf("%w: message %d, which nobody sent", ErrAnswer, n)
	}
	nth := n / len(h.lines)
	if err := h.lines[n%len(h.lines)].arrived(nth, int64(nth)+1); err != nil {
		return err
	}
	if bytes.Compare(id, h.last) <= 0 {
		return fmt.Errorf("%w: %s came after %s", ErrOrder, id, h.last)
	}
	h.last = append(h.last[:0], id...)
	return nil
}

// viewer is what one client sees of a room: its newest message, which may be skipped but
// never an older one than before.
type viewer struct{ last []byte }

func (v *viewer) sees(id []byte) error {
	if bytes.Compare(id, v.last) < 0 {
		return fmt.Errorf("%w: a room's newest message was %s, and then %s", ErrOrder, v.last, id)
	}
	v.last = append(v.last[:0], id...)
	return nil
}
