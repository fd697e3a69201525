package acks_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"expresschat/socketio"
	"expresschat/socketio/acks"
)

// sock is a socket of an engine, as far as a table cares.
type sock struct{ over atomic.Bool }

func (s *sock) end(t *acks.Table[*sock]) {
	s.over.Store(true)
	t.End(s)
}

// ask awaits an acknowledgement beside the test, and returns its id once it is asked for.
func ask(t *testing.T, table *acks.Table[*sock], s *sock) (id uint64, outcome <-chan string) {
	t.Helper()
	ids, done := make(chan uint64, 1), make(chan string, 1)
	go func() {
		args, err := table.Await(t.Context(), s, &s.over, func(id uint64) error { ids <- id; return nil })
		done <- fmt.Sprintf("%s %q %v", args.JSON, args.Attachments, err)
	}()
	select {
	case id = <-ids:
	case early := <-done:
		t.Fatalf("not asked: %s", early)
	}
	return id, done
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var table acks.Table[*sock]
	ana, ben := new(sock), new(sock)
	first, one := ask(t, &table, ana)
	second, two := ask(t, &table, ana)
	third, three := ask(t, &table, ben)
	buffer := []byte(`[1, "two",null]`)
	table.Answer(ben, first, buffer, nil) // of somebody else
	table.Answer(ana, third, buffer, nil)
	table.Answer(ana, third+1, buffer, nil) // never asked for
	table.Answer(ana, first, buffer, [][]byte{[]byte("a")})
	clear(buffer)
	table.Answer(ana, first, []byte(`["again"]`), nil)
	if got, want := <-one, `[1 "two" null] ["a"] <nil>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	table.Answer(ben, third, []byte(`[]`), nil)
	if got, want := <-three, `[] [] <nil>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	ana.end(&table)
	table.Answer(ana, second, []byte(`["late"]`), nil)
	if got, want := <-two, "[] [] "+socketio.ErrEnded.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNotAsked(t *testing.T) {
	t.Parallel()
	var table acks.Table[*sock]
	s := new(sock)
	refused := errors.New("refused")
	never := func(uint64) error { t.Error("asked"); return nil }
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := table.Await(over, s, &s.over, never); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for range 2 * socketio.MaxAwaited { // none of which counts afterwards
		if _, err := table.Await(t.Context(), s, &s.over, func(uint64) error { return refused }); err != refused {
			t.Error(err)
		}
	}
	var last <-chan string
	for range socketio.MaxAwaited {
		_, last = ask(t, &table, s)
	}
	if _, err := table.Await(t.Context(), s, &s.over, never); !errors.Is(err, socketio.ErrTooManyAcks) {
		t.Error(err)
	}
	_, other := ask(t, &table, new(sock))
	s.end(&table)
	<-last
	if _, err := table.Await(t.Context(), s, &s.over, never); !errors.Is(err, socketio.ErrEnded) {
		t.Error(err)
	}
	if len(other) > 0 {
		t.Error(<-other)
	}
}

// Whatever happens at the same time, everybody who waits gets an answer, and only one's
// own.
func TestTableStorm(t *testing.T) {
	t.Parallel()
	const sockets, askers, questions = 20, 4, 100
	var table acks.Table[*sock]
	var load sync.WaitGroup
	for range sockets {
		s := new(sock)
		ids := make(chan uint64, askers*questions)
		var asking sync.WaitGroup
		for range askers {
			asking.Go(func() {
				for n := range questions {
					mine := uint64(0)
					args, err := table.Await(t.Context(), s, &s.over, func(id uint64) error { mine = id; ids <- id; return nil })
					if err != nil && !errors.Is(err, socketio.ErrEnded) || err == nil && string(args.JSON[0]) != fmt.Sprint(mine) {
						t.Errorf("question %d: %s %v", n, args.JSON, err)
					}
				}
			})
		}
		load.Go(func() {
			for range askers * questions / 2 {
				id := <-ids
				table.Answer(s, id, fmt.Appendf(nil, "[%d]", id), nil)
			}
			s.end(&table)
			asking.Wait()
		})
	}
	load.Wait()
}

// An acknowledgement that nobody waits for allocates nothing, nor does an end.
func TestNothingAwaited(t *testing.T) {
	var table acks.Table[*sock]
	s, list := new(sock), []byte(`["x"]`)
	if n := testing.AllocsPerRun(100, func() { table.Answer(s, 1, list, nil); table.End(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
