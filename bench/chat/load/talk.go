package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"expresschat/bench/chat/sockets"
)

// Chat is a room in which one sends and the others listen.
type Chat struct {
	Kind    Kind
	ID      string
	Sender  int // a user
	Hearers []int
}

// talk is one run of messages through some chats.
type talk struct {
	tally
	senders []*sender
	ears    []*ear
	// next is called when a message of a sender is acked.
	next func(s *sender)
}

// sender is a client that sends to one chat.
type sender struct {
	*client
	letter *letter
	ears   []*ear      // of those who hear it
	due    []time.Time // of each message: when it was to be sent; zero once it is acked
}

// ear is what one client hears of one sender.
type ear struct {
	receive string
	from    *sender
	order   order
}

// newTalk connects everybody. A user may send to one chat and hear one other.
func newTalk(ctx context.Context, loop *sockets.Loop, p Peer, chats []Chat) (*talk, error) {
	t := &talk{tally: tally{loop: loop}}
	var users []int
	place := map[int]int{} // of users in users
	for _, chat := range chats {
		for _, user := range append([]int{chat.Sender}, chat.Hearers...) {
			if _, known := place[user]; !known {
				place[user] = len(users)
				users = append(users, user)
			}
		}
	}
	clients, err := newGate(loop, p).admit(ctx, users)
	if err != nil {
		return nil, err
	}
	roles := make([]role, len(users))
	for _, chat := range chats {
		s := &sender{client: clients[place[chat.Sender]], letter: newLetter(chat.Kind, chat.ID)}
		roles[place[chat.Sender]].sender = s
		t.senders = append(t.senders, s)
		for _, user := range chat.Hearers {
			e := &ear{receive: chat.Kind.receive, from: s, order: order{strict: p.Strict}}
			s.ears = append(s.ears, e)
			roles[place[user]].ear = e
			t.ears = append(t.ears, e)
		}
	}
	for i, c := range clients {
		c.hears = t.hearing(roles[i])
	}
	return t, nil
}

// role is what a client does in a talk. Either part may be nil.
type role struct {
	sender *sender
	ear    *ear
}

func (t *talk) hearing(r role) func(p []byte) error {
	return func(p []byte) error {
		switch {
		case bytes.HasPrefix(p, ackPrefix) && r.sender != nil:
			return t.ack(r.sender, p)
		case r.ear != nil && isEvent(p, r.ear.receive):
			return t.deliver(r.ear, p)
		}
		return fmt.Errorf("%w: %.300q", ErrAnswer, p)
	}
}

// send sends a sender's next message, which was due at a moment that may be over.
func (t *talk) send(s *sender, due time.Time) {
	s.Send(s.letter.numbered(len(s.due)))
	s.due = append(s.due, due)
	t.sent()
}

func (t *talk) ack(s *sender, p []byte) error {
	n, err := readAck(p)
	if err != nil {
		return err
	}
	if n < 0 || n >= len(s.due) || s.due[n].IsZero() {
		return fmt.Errorf("%w: an ack for message %d, which waits for none", ErrAnswer, n)
	}
	t.answered(s.due[n])
	s.due[n] = time.Time{}
	if t.next != nil {
		t.next(s)
	}
	return nil
}

func (t *talk) deliver(e *ear, p []byte) error {
	n, seq, err := readDelivery(p)
	if err != nil {
		return err
	}
	if n >= len(e.from.due) {
		return fmt.Errorf("%w: message %d, which nobody sent", ErrAnswer, n)
	}
	t.delivered++
	return e.order.arrived(n, seq)
}

// drain waits until all that was sent is acked and has arrived, and checks that it has,
// once. It returns how many came after one that was sent later.
func (t *talk) drain(ctx context.Context) (late int, err error) {
	t.next = nil
	expected := 0
	for _, s := range t.senders {
		expected += len(s.due) * len(s.ears)
	}
	err = t.loop.Run(ctx, patience, func() bool { return t.underWay == 0 && t.delivered >= expected })
	for _, e := range t.ears {
		late += e.order.late
		if err == nil {
			err = e.order.complete(len(e.from.due))
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%d messages without an ack, %d of %d delivered: %w", t.underWay, t.delivered, expected, err)
	}
	return late, nil
}
