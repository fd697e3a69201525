package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
)

// appHome is what somebody's list of rooms shows, in the main namespace.
type appHome struct {
	o        *oracle
	who      *user
	dice     *rand.Rand
	revision int           // of Engine.IO
	news     chan struct{} // a room has changed

	mu     sync.Mutex        // guards what follows
	shows  map[string]string // the last message of each room, as this line shows it
	listed map[string]string // the same, in the last list
	most   map[string]string // the newest one that was ever shown
	wrong  error
}

// appRoom is what the oracle looks at of a room.
type appRoom struct {
	ID          string     `json:"_id"`
	LastMessage appMessage `json:"lastMessage"`
}

func newAppHome(o *oracle, u *user, dice *rand.Rand, revision int) *appHome {
	return &appHome{
		o: o, who: u, dice: dice, revision: revision, news: make(chan struct{}, 1),
		shows: map[string]string{}, listed: map[string]string{}, most: map[string]string{},
	}
}

// run looks on until everything is written and every room shows its newest message.
func (h *appHome) run(ctx context.Context) error {
	return h.o.again(func() error {
		h.mu.Lock()
		clear(h.shows)
		h.mu.Unlock()
		l, err := redialApp(ctx, h.o.s, h.who, "", h.revision, h.hear)
		if err != nil {
			return fmt.Errorf("an app's list: %w", err)
		}
		err = h.watch(ctx, l)
		l.cut()
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.wrong != nil {
			return fmt.Errorf("%w: %s at home: %w", errOracle, h.who.name, h.wrong)
		}
		return err
	})
}

// watch asks for the list, now and then again, and at times is cut off.
func (h *appHome) watch(ctx context.Context, l *appLine) error {
	for {
		if err := h.ask(ctx, l); err != nil {
			return err
		}
		for range 5 + h.dice.IntN(30) {
			select {
			case <-h.news:
			case <-h.o.written:
				return h.settle(ctx, l)
			case <-l.ended:
				return l.end()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if h.dice.IntN(8) == 0 {
			return errLineEnded // cut, and back
		}
	}
}

// ask asks for the list. What was acked before has to be in it.
func (h *appHome) ask(ctx context.Context, l *appLine) error {
	acked := map[string]string{}
	for _, c := range h.o.chatsOf(h.who) {
		acked[c.id] = h.o.newestAcked(c)
	}
	if err := l.join(ctx, "join"); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, newest := range acked {
		if listed := h.listed[id]; listed < newest {
			return fmt.Errorf("%w: %s has chat %s up to %q in the list, acked is %q", errOracle, h.who.name, id, listed, newest)
		}
	}
	return nil
}

func (h *appHome) shown(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.shows[id]
}

// settle waits until every room shows the newest message of all.
func (h *appHome) settle(ctx context.Context, l *appLine) error {
	for _, c := range h.o.chatsOf(h.who) {
		p, err := h.o.page(ctx, h.who, c, "first")
		if err != nil {
			return err
		}
		for h.shown(c.id) < p.last().ID {
			select {
			case <-h.news:
			case <-l.ended:
				return l.end()
			case <-ctx.Done():
				return fmt.Errorf("%s was never shown %+v: %w", h.who.name, p.last(), context.Cause(ctx))
			}
		}
	}
	return nil
}

func (h *appHome) hear(event string, arg json.RawMessage) {
	var rooms []appRoom
	var err error
	switch event {
	case "update_one_room":
		rooms = make([]appRoom, 1)
		err = json.Unmarshal(arg, &rooms[0])
	case joined:
		err = json.Unmarshal(arg, &rooms)
	case "user_online_changed":
	default:
		err = fmt.Errorf("an event %q", event)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rooms {
		if failed := h.take(r, event == joined); failed != nil {
			err = fmt.Errorf("%s: %w", event, failed)
		}
	}
	if err != nil && h.wrong == nil {
		h.wrong = err
	}
	wake(h.news)
}

// take is called with mu held. On one line no room falls back, and what was shown on any is
// stored, and is in every later list.
func (h *appHome) take(r appRoom, inList bool) error {
	m, least := r.LastMessage, h.shows[r.ID]
	if inList {
		least = h.most[r.ID]
	}
	if m.RoomID != r.ID || m.ID < least {
		return fmt.Errorf("room %s up to %+v, %q was shown", r.ID, m, least)
	}
	h.shows[r.ID], h.most[r.ID] = m.ID, max(h.most[r.ID], m.ID)
	if inList {
		h.listed[r.ID] = m.ID
	}
	return nil
}
