package packet_test

import (
	"strings"
	"testing"

	"expresschat/socketio/packet"
)

// message is the argument of an event of 200 bytes.
type message struct {
	Room    string
	Content string
}

func sample() (text []byte, arg *message) {
	arg = &message{Room: "0198f7a2-3c4d-7e5f-8a9b-0c1d2e3f4a5b", Content: strings.Repeat("hello world ", 10)}
	text, _ = packet.AppendEvent(nil, "/", "message", arg)
	return text, arg
}

// Nothing runs beside a test that counts allocations, so this one isn't parallel.
func TestAllocations(t *testing.T) {
	text, arg := sample()
	deep := []byte(`21["a",` + strings.Repeat(`{"a":[`, 15) + strings.Repeat("]}", 15) + `]`)
	dst := make([]byte, 0, 1<<10)
	tests := map[string]func() error{
		"decode": func() error {
			p, _ := packet.Decode(text)
			_, _, err := p.Event()
			return err
		},
		"decode what is deep": func() error {
			p, _ := packet.Decode(deep)
			_, _, err := p.Event()
			return err
		},
		"event": func() error {
			_, err := packet.AppendEvent(dst, "/n", "message", arg)
			return err
		},
		"ack": func() error {
			_, err := packet.AppendAck(dst, "/n", 1<<40, arg)
			return err
		},
	}
	for name, run := range tests {
		var err error
		n := testing.AllocsPerRun(100, func() { err = run() })
		if err != nil || (n != 0 && !raceEnabled) {
			t.Errorf("%s: %v allocations, error %v", name, n, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text, _ := sample()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := packet.Decode(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := p.Event(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	_, arg := sample()
	dst := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := packet.AppendEvent(dst, "/", "message", arg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendAck(b *testing.B) {
	_, arg := sample()
	dst := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := packet.AppendAck(dst, "/", 12, arg); err != nil {
			b.Fatal(err)
		}
	}
}
