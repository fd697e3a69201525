package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// view is what one reader has seen of all their chats, as a correct client merges it.
type view struct {
	o    *oracle
	who  *user
	dice *rand.Rand
	news chan struct{} // something was heard

	mu    sync.Mutex // guards what follows
	chats map[string]*seen
	// wrong is the first thing that no server may do.
	wrong error
}

// seen is one chat as a reader knows it.
type seen struct {
	chat *talk
	all  map[int64]message
	// caught is the seq up to which all is there. It moves when the reader has caught up,
	// after connecting or where a page left a gap, and from then on with what is heard.
	caught   int64
	catching bool
	// shown is the seq up to which the current line has all: what comes live comes next.
	shown int64
	// asked is the page that is on its way.
	asked ask
}

// ask is the question for a page.
type ask struct {
	before, after int64
	forward       bool
	limit         int
}

func newView(o *oracle, u *user, dice *rand.Rand) *view {
	v := &view{o: o, who: u, dice: dice, chats: map[string]*seen{}, news: make(chan struct{}, 1)}
	for _, c := range o.chats {
		if c.has(u) {
			v.chats[c.id] = &seen{chat: c, all: map[int64]message{}}
		}
	}
	return v
}

// run reads until everything is written, and then once more to the end.
func (v *view) run(ctx context.Context) error {
	for {
		last := false
		select {
		case <-v.o.written:
			last = true
		default:
		}
		v.mu.Lock()
		for _, c := range v.chats {
			c.catching = true
		}
		v.mu.Unlock()
		l, err := redial(ctx, v.o.s, v.who, v.hear)
		if err != nil {
			return fmt.Errorf("a reader: %w", err)
		}
		if err = v.catchUp(ctx, l); err == nil && !last {
			err = v.browse(ctx, l)
		}
		l.cut()
		v.mu.Lock()
		wrong := v.wrong
		v.mu.Unlock()
		switch {
		case wrong != nil:
			return wrong
		case err == nil && last:
			return nil
		case err != nil && !errors.Is(err, errLineEnded):
			return err
		}
	}
}

// catchUp fetches what was missed of every chat.
func (v *view) catchUp(ctx context.Context, l *line) error {
	for _, id := range v.ids() {
		for {
			v.mu.Lock()
			from, catching := v.chats[id].caught, v.chats[id].catching
			v.mu.Unlock()
			if !catching {
				break
			}
			if _, err := v.fetch(ctx, l, id, ask{after: from, forward: true, limit: 1 + v.dice.IntN(200)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// browse reads along, and at random moments looks at pages, says that it has read, or is
// cut off. It ends with the line, or when all is written.
func (v *view) browse(ctx context.Context, l *line) error {
	for {
		for range 1 + v.dice.IntN(12) {
			select {
			case <-v.news:
			case <-v.o.written:
				return nil
			case <-l.ended:
				return l.end()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		id := v.ids()[v.dice.IntN(len(v.chats))]
		v.mu.Lock()
		chat, caught := v.chats[id].chat, v.chats[id].caught
		v.mu.Unlock()
		limit, somewhere := 1+v.dice.IntN(60), 1+v.dice.Int64N(caught+10)
		var err error
		switch v.dice.IntN(8) {
		case 0, 1:
			if _, err = v.fetch(ctx, l, id, ask{limit: limit}); err == nil {
				err = v.catchUp(ctx, l)
			}
		case 2, 3:
			_, err = v.fetch(ctx, l, id, ask{before: somewhere, limit: limit})
		case 4:
			// Never after more than it has: that would say that it has what is in between.
			_, err = v.fetch(ctx, l, id, ask{after: v.dice.Int64N(caught + 1), forward: true, limit: limit})
		case 5:
			_, err = l.ask(ctx, "read-"+chat.kind+"-message", obj{"ChatId": id})
		case 6:
			_, err = l.ask(ctx, "read-"+chat.kind+"-message", obj{"ChatId": id, "Seq": somewhere})
		case 7:
			if v.dice.IntN(3) == 0 {
				l.cut()
			}
		}
		if err != nil {
			return err
		}
	}
}

func (v *view) fetch(ctx context.Context, l *line, id string, a ask) (reply, error) {
	v.mu.Lock()
	v.chats[id].asked = a
	kind := v.chats[id].chat.kind
	v.mu.Unlock()
	payload := obj{"ChatId": id, "Limit": a.limit}
	if a.forward {
		payload["After"] = a.after
	} else if a.before > 0 {
		payload["Before"] = a.before
	}
	return l.ask(ctx, "fetch-"+kind+"-chat", payload)
}

func (v *view) ids() []string {
	ids := make([]string, 0, len(v.chats))
	for id := range v.chats {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// hear takes everything in that a line says.
func (v *view) hear(event string, arg json.RawMessage) {
	var lists struct {
		PersonalChatList, GroupChatList []message // their ChatId and Seq
	}
	var p page
	var m message
	v.mu.Lock()
	defer v.mu.Unlock()
	switch event {
	case "personal-chat-list", "group-chat-list":
		_ = json.Unmarshal(arg, &lists)
		for _, item := range append(lists.PersonalChatList, lists.GroupChatList...) {
			v.chats[item.ChatID].shown = item.Seq
		}
		return
	case "personal-chat", "group-chat":
		_ = json.Unmarshal(arg, &p)
		v.found(v.chats[p.ChatID].takePage(p))
	case "receive-personal-message", "receive-group-message", "own-message":
		_ = json.Unmarshal(arg, &m)
		if m.ChatID == v.who.id {
			return // the self chat is none of the oracle's
		}
		v.found(v.chats[m.ChatID].takeLive(m))
	default:
		return
	}
	select {
	case v.news <- struct{}{}:
	default:
	}
}

func (v *view) found(err error) {
	if err != nil && v.wrong == nil {
		v.wrong = fmt.Errorf("%w: %s: %w", errOracle, v.who.name, err)
	}
}
