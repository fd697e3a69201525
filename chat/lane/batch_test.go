package lane_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
)

// shelf is a store that keeps batches in memory. A commit waits for release, if there is
// one, and fails with what refuse returns.
type shelf struct {
	wall
	release chan struct{}
	refuse  func(b chat.Batch, attempts int) error

	mu       sync.Mutex
	attempts int
	batches  []chat.Batch // those that were kept
	seq      int64
}

func (s *shelf) Commit(ctx context.Context, b chat.Batch) ([]chat.Posted, []chat.Moved, error) {
	if s.release != nil {
		select {
		case <-s.release:
		case <-ctx.Done():
			return nil, nil, chat.ErrInDoubt
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts++
	if s.refuse != nil {
		if err := s.refuse(b, s.attempts); err != nil {
			return nil, nil, err
		}
	}
	s.batches = append(s.batches, b)
	posted, moved := make([]chat.Posted, len(b.Entries)), make([]chat.Moved, len(b.Moves))
	for i, e := range b.Entries {
		if e.Draft.Content == "stranger" {
			posted[i].Err = chat.ErrNotMember
			continue
		}
		s.seq++
		posted[i] = chat.Posted{Receipt: chat.Receipt{ID: e.Stamp.ID, Seq: s.seq}, Event: event(s.seq)}
	}
	for i, m := range b.Moves {
		moved[i].Cursor = chat.Cursor{Seq: max(m.UpTo, 1)}
	}
	return posted, moved, nil
}

// sizes are the entries in each batch that was kept.
func (s *shelf) sizes() (n []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		n = append(n, len(b.Entries))
	}
	return n
}

// desk is somebody who has many messages on the way at once.
type desk struct {
	*testing.T
	log *lane.Log

	mu      sync.Mutex
	answers map[string]string
}

func newDesk(t *testing.T, s *shelf) (*desk, *page) {
	t.Helper()
	out := &page{}
	s.up.Store(true)
	l := lane.New(1, s, out)
	t.Cleanup(func() {
		if err := l.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &desk{T: t, log: l, answers: map[string]string{}}, out
}

func (d *desk) note(what string, outcome any, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answers[what] != "" {
		d.Errorf("%s was answered twice", what)
	}
	d.answers[what] = fmt.Sprint(outcome)
	if err != nil {
		d.answers[what] = err.Error()
	}
}

func (d *desk) send(room, content string) { d.sendAs(room, content, "") }

func (d *desk) sendAs(room, content, clientID string) {
	draft := chat.Draft{Room: bus.RoomID(room), Kind: bus.Group, Content: content, ClientID: clientID}
	d.log.Append(auth.Actor{User: "ana"}, draft, func(r chat.Receipt, err error) { d.note(content+" "+clientID, r.Seq, err) })
}

func (d *desk) read(conn string, upTo int64) {
	r := chat.Reading{Room: "room", Kind: bus.Group, UpTo: upTo}
	by := auth.Actor{User: "ben", Conn: auth.ConnID(conn)}
	d.log.MoveCursor(by, r, func(c chat.Cursor, err error) { d.note(fmt.Sprint("read ", conn, upTo), c.Seq, err) })
}

// expect waits until all goroutines of the bubble do, and compares the answers.
func (d *desk) expect(want map[string]string) {
	d.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if fmt.Sprint(d.answers) != fmt.Sprint(want) {
		d.Errorf("answers: %v, want %v", d.answers, want)
	}
}

// What comes while a batch is out is the next one, whatever its room. A write that stands
// alone keeps its place.
func TestWhatComesMeanwhileIsTheNextBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, out := newDesk(t, store)
		d.send("a", "1")
		synctest.Wait()
		for i := 2; i <= 5; i++ {
			d.send(string(rune('a'+i)), fmt.Sprint(i))
		}
		alone := make(chan error, 1)
		go func() { alone <- d.log.Do(t.Context(), "a", written) }()
		synctest.Wait()
		d.send("a", "6")
		d.expect(map[string]string{}) // nothing is answered before it is stored
		close(store.release)
		d.expect(map[string]string{"1 ": "1", "2 ": "2", "3 ": "3", "4 ": "4", "5 ": "5", "6 ": "6"})
		if err := <-alone; err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(store.sizes(), out.seqs); got != "[1 4 1] [1 2 3 4 5 1 6]" {
			t.Errorf("batches and events: %s", got)
		}
	})
}

func TestABatchIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, _ := newDesk(t, store)
		d.send("a", "first")
		synctest.Wait()
		for i := range 600 {
			d.send("a", fmt.Sprint(i))
		}
		large := chat.Draft{Room: "a", Content: strings.Repeat("x", chat.MaxContent)}
		for range 100 {
			d.log.Append(auth.Actor{}, large, func(chat.Receipt, error) {})
		}
		close(store.release)
		synctest.Wait()
		if got := fmt.Sprint(store.sizes()); got != "[1 512 151 37]" {
			t.Errorf("batches: %s", got)
		}
	})
}

// Past its bounds a lane says so at once, and memory stays bounded whatever the store does.
func TestAFullLanePushesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, out := newDesk(t, store)
		d.send("a", "out")
		synctest.Wait()
		for i := range 4096 {
			d.send("a", fmt.Sprint(i))
		}
		d.send("a", "one more")
		d.expect(map[string]string{"one more ": chat.ErrBusy.Error()})
		if err := d.log.Do(t.Context(), "a", written); !errors.Is(err, chat.ErrBusy) {
			t.Errorf("a write: %v", err)
		}
		close(store.release)
		synctest.Wait()
		if len(out.seqs) != 4097 || len(d.answers) != 4098 {
			t.Errorf("%d events, %d answers", len(out.seqs), len(d.answers))
		}
	})
}

func TestALaneIsFullByBytesToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, _ := newDesk(t, store)
		d.send("a", "out")
		synctest.Wait()
		busy := 0
		for range 1000 {
			draft := chat.Draft{Room: "a", Content: strings.Repeat("x", chat.MaxContent)}
			d.log.Append(auth.Actor{}, draft, func(_ chat.Receipt, err error) {
				if errors.Is(err, chat.ErrBusy) {
					busy++
				}
			})
		}
		if kept := (1000 - busy) * chat.MaxContent; kept != 8<<20 {
			t.Errorf("%d bytes wait", kept)
		}
		close(store.release)
		synctest.Wait()
	})
}

// The same ClientID in one batch is the same message, and a batch in doubt is repeated as
// it is.
func TestRepeatsInOneBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		var seen []string
		store.refuse = func(b chat.Batch, attempts int) error {
			if attempts == 1 {
				return nil
			}
			seen = append(seen, fmt.Sprint(b.Again, len(b.Entries), b.Entries[0].Stamp.ID))
			return map[int]error{2: chat.ErrInDoubt, 3: chat.ErrHeld, 4: chat.ErrFull}[attempts]
		}
		d, _ := newDesk(t, store)
		d.send("a", "out")
		synctest.Wait()
		d.sendAs("a", "x", "1")
		d.sendAs("a", "y", "1")
		d.sendAs("b", "z", "1")
		close(store.release)
		_ = d.log.Do(t.Context(), "a", written)
		d.expect(map[string]string{"out ": "1", "x 1": "2", "y 1": "2", "z 1": "3"})
		first := strings.TrimPrefix(seen[0], "false")
		for i, s := range seen[1:] {
			if s != "true"+first {
				t.Errorf("attempt %d was %s after %s", i+2, s, seen[0])
			}
		}
		if len(seen) != 4 {
			t.Errorf("%d attempts", len(seen))
		}
	})
}

// What the store can't digest is felt by nobody else.
func TestOneBadMessageFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bug := errors.New("a bug")
		store := &shelf{release: make(chan struct{})}
		store.refuse = func(b chat.Batch, _ int) error {
			for _, e := range b.Entries {
				switch e.Draft.Content {
				case "bad":
					return bug
				case "held":
					return chat.ErrHeld
				}
			}
			return nil
		}
		d, out := newDesk(t, store)
		d.send("a", "out")
		synctest.Wait()
		for _, m := range []struct{ room, content string }{
			{"a", "1"}, {"b", "2"}, {"a", "bad"}, {"c", "held"}, {"a", "3"}, {"b", "stranger"},
		} {
			d.send(m.room, m.content)
		}
		d.read("x", 2)
		close(store.release)
		d.expect(map[string]string{
			"out ": "1", "1 ": "2", "3 ": "3", "2 ": "4", "stranger ": chat.ErrNotMember.Error(),
			"bad ": bug.Error(), "held ": chat.ErrHeld.Error(), "read x2": "2",
		})
		if fmt.Sprint(out.seqs) != "[1 2 3 4]" {
			t.Errorf("published %v", out.seqs)
		}
	})
}

// Somebody who reads after each of a hundred messages moves one cursor, as far as the
// furthest reading, and what came after the last one is not read.
func TestReadingsCoalesce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, _ := newDesk(t, store)
		d.send("a", "out")
		synctest.Wait()
		for i := range 100 {
			d.send("room", fmt.Sprint(i))
			d.read(fmt.Sprint("x", i, "/"), int64(i%50))
		}
		d.send("room", "last")
		d.send("elsewhere", "more")
		close(store.release)
		synctest.Wait()
		if len(store.batches) != 2 {
			t.Fatalf("%d batches", len(store.batches))
		}
		b := store.batches[1]
		var last bus.MessageID
		for _, e := range b.Entries {
			if e.Draft.Content == "51" { // the first one behind the last reading of the newest, the 51st
				last = e.Stamp.ID
			}
		}
		if len(b.Moves) != 1 || b.Moves[0].UpTo != 49 || !b.Moves[0].Newest || b.Moves[0].Before != last || b.Moves[0].By.Conn != "" {
			t.Errorf("moves %+v, want before %s", b.Moves, last)
		}
		if len(d.answers) != 203 {
			t.Errorf("%d answers", len(d.answers))
		}
	})
}

// Settle waits for what is out, and for nothing that only waits.
func TestSettleWaitsForTheBatchThatIsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{}, 1)}
		d, out := newDesk(t, store)
		if err := d.log.Settle(t.Context()); err != nil {
			t.Error(err)
		}
		d.send("a", "1")
		synctest.Wait()
		d.send("a", "2")
		settled := make(chan error, 1)
		go func() { settled <- d.log.Settle(t.Context(), "a") }()
		synctest.Wait()
		select {
		case <-settled:
			t.Error("settled before the batch is")
		default:
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.log.Settle(ctx, "a", "b"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		store.release <- struct{}{}
		if err := <-settled; err != nil || len(out.seqs) != 1 {
			t.Errorf("%v with %d events", err, len(out.seqs))
		}
		close(store.release)
		synctest.Wait()
	})
}

// While the store does not answer for 30 seconds, everybody hears of it in time, and what
// is in doubt is told of when it is known.
func TestAStallIsToldInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		d, out := newDesk(t, store)
		store.up.Store(false)
		d.send("a", "out")
		synctest.Wait()
		d.send("a", "waits")
		d.wait(chat.ErrUnavailable, "waits ", "out ")
		d.send("a", "later")
		d.wait(chat.ErrUnavailable, "later ")
		close(store.release)
		_ = d.log.Settle(t.Context())
		if fmt.Sprint(out.seqs) != "[1]" {
			t.Errorf("published %v", out.seqs)
		}
	})
}

// wait lets patience pass and expects these answers.
func (d *desk) wait(want error, names ...string) {
	d.Helper()
	_ = d.log.Settle(passed(d.T))
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range names {
		if !strings.Contains(d.answers[name], want.Error()) {
			d.Errorf("%s was answered by %q", name, d.answers[name])
		}
	}
}

// passed is a context that ends when patience has.
func passed(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 14*time.Second) // of the bubble
	t.Cleanup(cancel)
	return ctx
}
