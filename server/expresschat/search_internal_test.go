package expresschat

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/server/limits"
	"expresschat/socketio"
)

// outcome is what became of a search.
type outcome struct{ err error }

func (o *outcome) Reply(_ uint64, _ any, err error) { o.err = err }

// A search that has to wait for its rate gives its place to a newer one, and is not refused.
// The newest of all has its turn as soon as the rate allows it.
func TestASearchWaitsForItsRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		users := limits.NewUsers(true)
		c := &conn{}
		c.counted, _ = users.Enter("ana")
		c.greeted.Store(true)
		for c.counted.Wait(limits.Query) == 0 {
		}
		began := time.Now()
		var old, mid outcome
		first := &search{searchInput{Name: "a"}, socketio.NewReply(&old, 0)}
		newest := &search{searchInput{Name: "abc"}, socketio.NewReply(&outcome{}, 0)}
		if runs, _ := c.searches.put(first); !runs {
			t.Fatal("nothing runs")
		}
		turn := make(chan *search)
		go func() { turn <- c.awaitRate(context.Background(), first) }()
		synctest.Wait()
		c.searches.put(&search{searchInput{Name: "ab"}, socketio.NewReply(&mid, 0)})
		if _, replaced := c.searches.put(newest); replaced == nil || replaced.in.Name != "ab" {
			t.Errorf("%v is replaced", replaced)
		}
		if got := <-turn; got != newest || !errors.Is(old.err, errSuperseded) {
			t.Errorf("it is the turn of %v, and the first one ends by %v", got.in, old.err)
		}
		if waited := time.Since(began); waited == 0 || waited > time.Second {
			t.Errorf("after %v", waited)
		}
		if c.searches.done() != nil {
			t.Error("one is left")
		}
	})
}
