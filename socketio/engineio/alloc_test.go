package engineio_test

import (
	"io"
	"strings"
	"testing"

	"expresschat/socketio/engineio"
)

// receivers is how many sessions get a broadcast in tests of allocations.
const receivers = 100

// load is a server with websockets that are only read by their number of bytes.
type load struct {
	e     *echo
	wires []*wire
	peers []*peer
	heard chan struct{} // told of every message
	big   [4096]byte
}

func newLoad(t testing.TB, clients int) *load {
	l := &load{heard: make(chan struct{}, 1)}
	l.e = startWith(t, engineio.Options{}, func(*peer, []byte, bool) (<-chan struct{}, error) {
		l.heard <- struct{}{}
		return nil, nil
	})
	for range clients {
		w, p := l.e.enter("4")
		if w.in.Buffered() > 0 {
			t.Fatal("more than the open packet")
		}
		l.wires, l.peers = append(l.wires, w), append(l.peers, p)
	}
	return l
}

// content is the text of a message of 200 bytes.
var content = strings.Repeat("x", 199)

// upstream has the server read one message.
func (l *load) upstream() func() {
	f := frame(fin|text, "4"+content)
	return func() {
		if _, err := l.wires[0].conn.Write(f); err != nil {
			l.e.t.Fatal(err)
		}
		<-l.heard
	}
}

// take reads one message at the client's side.
func (l *load) take(w *wire) {
	if _, err := io.ReadFull(w.conn, l.big[:4+1+len(content)]); err != nil {
		l.e.t.Fatal(err)
	}
}

// downstream has the server send one message.
func (l *load) downstream() {
	b := engineio.NewMessage()
	b.B = append(b.B, content...)
	l.peers[0].session.Send(b.Once())
	l.take(l.wires[0])
}

// broadcast has the server send one message to all.
func (l *load) broadcast(batch *engineio.Batch) {
	b := engineio.NewMessage()
	b.B = append(b.B, content...)
	shared := b.Shared()
	for _, p := range l.peers {
		batch.Add(p.session, shared)
	}
	batch.Flush()
	for _, w := range l.wires {
		l.take(w)
	}
}

// Nothing runs beside a test that counts allocations, so this one isn't parallel.
func TestAllocations(t *testing.T) {
	one, many := newLoad(t, 1), newLoad(t, receivers)
	var batch engineio.Batch
	const perCall = 8 // the bytes that are shared, and who writes them
	for name, test := range map[string]struct {
		run func()
		max float64
	}{
		"read":      {one.upstream(), 0},
		"send":      {one.downstream, 0},
		"broadcast": {func() { many.broadcast(&batch) }, perCall},
	} {
		if n := testing.AllocsPerRun(200, test.run); n > test.max && !raceEnabled {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	run := newLoad(b, 1).upstream()
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}

func BenchmarkSend(b *testing.B) {
	l := newLoad(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		l.downstream()
	}
}

// BenchmarkBatch reports what one of many deliveries costs.
func BenchmarkBatch(b *testing.B) {
	l := newLoad(b, receivers)
	var batch engineio.Batch
	b.ReportAllocs()
	for b.Loop() {
		l.broadcast(&batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/receivers, "ns/delivery")
}
