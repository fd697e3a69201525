package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
)

// appView is what somebody has seen in /message, and of pages.
type appView struct {
	o        *oracle
	who      *user
	dice     *rand.Rand
	revision int           // of Engine.IO
	news     chan struct{} // something was heard

	mu    sync.Mutex // guards what follows
	asked *talk
	seen  []*stretch // the last one is of the chat that is read now
	heard int        // messages that came live
	wrong error
}

func newAppView(o *oracle, u *user, dice *rand.Rand, revision int) *appView {
	return &appView{o: o, who: u, dice: dice, revision: revision, news: make(chan struct{}, 1)}
}

// run reads until everything is written, and then to the end of one chat.
func (v *appView) run(ctx context.Context) error {
	return v.o.again(func() error {
		l, err := redialApp(ctx, v.o.s, v.who, "/message", v.revision, v.hear)
		if err != nil {
			return fmt.Errorf("an app's reader: %w", err)
		}
		err = v.browse(ctx, l)
		l.cut()
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.wrong != nil {
			return fmt.Errorf("%w: %s in /message: %w", errOracle, v.who.name, v.wrong)
		}
		return err
	})
}

// again does something until it ends by itself, and not with the line that it needs.
func (o *oracle) again(do func() error) error {
	for {
		if err := do(); !errors.Is(err, errLineEnded) {
			return err
		}
	}
}

// browse goes from chat to chat, reads along for a while, and at times is cut off.
func (v *appView) browse(ctx context.Context, l *appLine) error {
	chats := v.o.chatsOf(v.who)
	for {
		c := chats[v.dice.IntN(len(chats))]
		if err := v.enter(ctx, l, c); err != nil {
			return err
		}
		if err := v.lookBack(ctx, c, v.dice.IntN(4)); err != nil {
			return err
		}
		for range 1 + v.dice.IntN(12) {
			select {
			case <-v.news:
			case <-v.o.written:
				return v.settle(ctx, l, c)
			case <-l.ended:
				return l.end()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if v.dice.IntN(8) == 0 {
			return errLineEnded // cut, and back
		}
	}
}

// enter moves to a chat. What was acked before has to be in what it shows.
func (v *appView) enter(ctx context.Context, l *appLine, c *talk) error {
	newest := v.o.newestAcked(c)
	v.mu.Lock()
	v.asked = c
	v.mu.Unlock()
	if err := l.join(ctx, c.id); err != nil {
		return err
	}
	if shown := v.newest(); shown < newest {
		return fmt.Errorf("%w: %s enters chat %s and sees it up to %q, acked is %q", errOracle, v.who.name, c.id, shown, newest)
	}
	return nil
}

// newest is the last message of the chat that is read.
func (v *appView) newest() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.seen) == 0 {
		return ""
	}
	return v.seen[len(v.seen)-1].last().ID
}

// lookBack reads some pages before the one that entering showed. Each ends where the one
// after it began.
func (v *appView) lookBack(ctx context.Context, c *talk, pages int) error {
	v.mu.Lock()
	from := v.seen[len(v.seen)-1].all
	v.mu.Unlock()
	for ; pages > 0 && len(from) > 0; pages-- {
		p, err := v.o.page(ctx, v.who, c, from[0].ID)
		if err != nil {
			return err
		}
		older := p.all
		if err := p.add(from[0]); err != nil {
			return fmt.Errorf("%w: a page: %w", errOracle, err)
		}
		v.mu.Lock()
		// Not behind what is read now, which goes on.
		v.seen = append([]*stretch{&p}, v.seen...)
		v.mu.Unlock()
		from = older
	}
	return nil
}

// settle waits until the newest message of all has been heard.
func (v *appView) settle(ctx context.Context, l *appLine, c *talk) error {
	p, err := v.o.page(ctx, v.who, c, "first")
	if err != nil {
		return err
	}
	for v.newest() < p.last().ID {
		select {
		case <-v.news:
		case <-l.ended:
			return l.end()
		case <-ctx.Done():
			return fmt.Errorf("%s never heard %+v: %w", v.who.name, p.last(), context.Cause(ctx))
		}
	}
	return nil
}

// hear takes everything in that a line says.
func (v *appView) hear(event string, arg json.RawMessage) {
	if event == joined {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.take(event, arg); err != nil && v.wrong == nil {
		v.wrong = err
	}
	wake(v.news)
}

// take is called with mu held.
func (v *appView) take(event string, arg json.RawMessage) error {
	var text string
	if err := json.Unmarshal(arg, &text); err != nil {
		return fmt.Errorf("%s has no text: %w", event, err)
	}
	switch event {
	case "all_messages":
		s, err := stretchOf(v.asked.id, json.RawMessage(text))
		v.seen = append(v.seen, &s)
		return err
	case "new_message":
		var m appMessage
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return err
		}
		if len(v.seen) == 0 {
			return errors.New("a message before all others")
		}
		v.heard++
		return v.seen[len(v.seen)-1].add(m)
	default:
		return fmt.Errorf("an event %q", event)
	}
}

func wake(news chan struct{}) {
	select {
	case news <- struct{}{}:
	default:
	}
}
