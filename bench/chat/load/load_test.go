package load

import (
	"context"
	"errors"
	"testing"
	"time"
)

var testSpan = Span{Warmup: 20 * time.Millisecond, Measured: 50 * time.Millisecond}

// nothing is a meter of what nobody uses.
func nothing(context.Context) (Usage, error) { return Usage{}, nil }

func testChats() []Chat {
	var chats []Chat
	for user := range 4 {
		chats = append(chats, Chat{Kind: Personal, ID: chatOf(user), Sender: user, Hearers: []int{user ^ 1}})
	}
	return chats
}

func TestClosed(t *testing.T) {
	t.Parallel()
	p := (&fake{}).serve(t)
	for _, window := range []int{1, 50} {
		r, err := Closed(t.Context(), p, testChats(), window, testSpan, nothing)
		if err != nil {
			t.Fatal(err)
		}
		if r.Count == 0 || r.Delivered == 0 || r.Wall < testSpan.Measured || r.Quantile(0.5) <= 0 || len(r.Waits) < r.Count {
			t.Errorf("window %d: %d acked, %d delivered in %s, median %s of %d", window, r.Count, r.Delivered, r.Wall, r.Quantile(0.5), len(r.Waits))
		}
	}
}

// TestWarmup has nothing measured before so many messages were acked.
func TestWarmup(t *testing.T) {
	t.Parallel()
	const least = 2000
	f := &fake{}
	said := []int{}
	meter := func(context.Context) (Usage, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		said = append(said, f.said)
		return Usage{}, nil
	}
	span := Span{AtLeast: least, Measured: time.Millisecond}
	if _, err := Closed(t.Context(), f.serve(t), testChats(), 1, span, meter); err != nil || len(said) != 2 || said[0] < least {
		t.Errorf("the meter was read after %v messages, %v", said, err)
	}
}

func TestCrowded(t *testing.T) {
	t.Parallel()
	p := (&fake{}).serve(t)
	if r, err := Crowded(t.Context(), p, []int{4, 5, 6}, testChats(), 1, testSpan, nothing); err != nil || r.Count == 0 {
		t.Errorf("%d acked, %v", r.Count, err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	p := (&fake{}).serve(t)
	const rate = 400
	r, err := Open(t.Context(), p, testChats(), rate, Span{Measured: 250 * time.Millisecond}, nothing)
	if err != nil {
		t.Fatal(err)
	}
	// However late this machine runs it, what was due by the end was sent, and no more.
	if due := rate*r.Wall.Seconds() + 2; float64(r.Count) > due || len(r.Waits) < 90 {
		t.Errorf("%d of %.0f acked, %d in all", r.Count, due, len(r.Waits))
	}
}

// TestLateRepliesCount has a server that stands still: what was due meanwhile waited for
// it, although nobody had sent it yet.
func TestLateRepliesCount(t *testing.T) {
	t.Parallel()
	const pause = 300 * time.Millisecond
	f := &fake{}
	f.wrong = func(n int) doings {
		if n == 20 {
			time.Sleep(pause) // holding the lock that every message needs
		}
		return doings{times: 1}
	}
	r, err := Open(t.Context(), f.serve(t), testChats(), 200, Span{Measured: 600 * time.Millisecond}, nothing)
	if err != nil {
		t.Fatal(err)
	}
	long := 0
	for _, wait := range r.Waits {
		if wait > pause/3 {
			long++
		}
	}
	if long < 20 {
		t.Errorf("%d of %d waited for long", long, len(r.Waits))
	}
}

// TestWrongServers has the run fail with each.
func TestWrongServers(t *testing.T) {
	t.Parallel()
	at := func(wrong doings) func(int) doings {
		return func(n int) doings {
			if n == 10 {
				return wrong
			}
			return doings{times: 1}
		}
	}
	tests := map[string]struct {
		wrong  doings
		window int
		want   error
	}{
		"doubles one":   {doings{times: 2}, 8, ErrTwice},
		"swaps two":     {doings{hold: true}, 8, ErrOrder},
		"refuses one":   {doings{refuse: true}, 1, ErrAnswer},
		"forgets one":   {doings{times: 0}, 8, ErrOrder},
		"is not at all": {doings{times: 1}, 8, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := (&fake{wrong: at(tt.wrong)}).serve(t)
			// What is held comes after what is not only if many are under way, and a refusal
			// before what it leaves out only if none is.
			_, err := Closed(t.Context(), p, testChats()[:1], tt.window, testSpan, nothing)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestVisitsAndFetches(t *testing.T) {
	t.Parallel()
	p := (&fake{chats: 3000, page: 50}).serve(t)
	for name, run := range map[string]func() (Result, error){
		"visits":  func() (Result, error) { return Visits(t.Context(), p, 0, 3000, 5, nothing) },
		"fetches": func() (Result, error) { return Fetches(t.Context(), p, 0, "chat-a", 50, 5, nothing) },
		"echoes":  func() (Result, error) { return Echoes(t.Context(), p, 5, nothing) },
	} {
		if r, err := run(); err != nil || r.Count != 5 || len(r.Waits) != 5 || r.Quantile(0) <= 0 {
			t.Errorf("%s: %d, %v, %v", name, r.Count, r.Waits, err)
		}
	}
	if _, err := Visits(t.Context(), p, 0, 3001, 1, nothing); !errors.Is(err, ErrAnswer) {
		t.Errorf("a chat is missing: %v", err)
	}
	if _, err := Fetches(t.Context(), p, 0, "chat-a", 51, 1, nothing); !errors.Is(err, ErrAnswer) {
		t.Errorf("a message is missing: %v", err)
	}
}
