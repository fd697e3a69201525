package chat_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
)

// teller notes what is told. Whoever is told asks who is online.
type teller struct {
	mu    sync.Mutex
	told  []string
	check func(auth.UserID) bool
}

func (t *teller) Publish(e bus.Event, _ func()) {
	change := e.(bus.PresenceChanged)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told = append(t.told, fmt.Sprint(change.User, " ", change.Online, " ", t.check(change.User)))
}

func newPresence() (*chat.Presence, *teller) {
	out := &teller{}
	p := chat.NewPresence(out)
	out.check = p.Online
	return p, out
}

func TestPresenceIsOfAllConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, out := newPresence()
		phone := p.Enter("ana", "Ana")
		tab := p.Enter("ana", "Ana")
		phone()
		phone() // counts once
		time.Sleep(2 * chat.Grace)
		if !p.Online("ana") || p.Online("ben") {
			t.Error("who is online is not")
		}
		tab()
		time.Sleep(chat.Grace - 1)
		again := p.Enter("ana", "Ana") // a page that loads again
		time.Sleep(2 * chat.Grace)
		again()
		time.Sleep(chat.Grace + 1)
		synctest.Wait()
		if got := fmt.Sprint(out.told); got != "[ana true true ana false false]" || p.Online("ana") {
			t.Errorf("told %s", got)
		}
	})
}

// Whatever comes and goes at once: what is told alternates, and ends with how it is.
func TestPresenceUnderCrowds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, out := newPresence()
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				for j := range 20 {
					leave := p.Enter("ana", "Ana")
					time.Sleep(time.Duration((i*j)%7) * chat.Grace / 3)
					leave()
					time.Sleep(time.Duration((i+j)%5) * chat.Grace / 2)
				}
			})
		}
		all.Wait()
		time.Sleep(2 * chat.Grace)
		synctest.Wait()
		for i, told := range out.told {
			if told != fmt.Sprintf("ana %[1]v %[1]v", i%2 == 0) {
				t.Fatalf("told %v", out.told)
			}
		}
		if len(out.told)%2 != 0 {
			t.Errorf("told %v", out.told)
		}
	})
}
