package payload_test

import (
	"strings"
	"testing"

	"expresschat/socketio/payload"
)

const text = `42["message",{"Room":"0198f7a2-3c4d-7e5f-8a9b-0c1d2e3f4a5b","Content":"größer 😀 und so weiter"}]`

// bodies are ten packets in each form.
func bodies() (four, three []byte) {
	for range 10 {
		four = payload.Append4(four, []byte(text))
		three = payload.Append3(three, []byte(text))
	}
	return four, three
}

func read(tb testing.TB, next next, body []byte) {
	for more := true; more; more = len(body) > 0 {
		var err error
		if _, body, err = next(body); err != nil {
			tb.Fatal(err)
		}
	}
}

// Nothing runs beside a test that counts allocations, so this one isn't parallel.
func TestAllocations(t *testing.T) {
	four, three := bodies()
	binary := []byte(strings.Repeat("\x00\x05\xff4text\x01\x02\xff\x04x", 10))
	dst, packet := make([]byte, 0, 1<<12), []byte(text)
	tests := map[string]func(){
		"4":        func() { read(t, payload.Next4, four) },
		"3":        func() { read(t, payload.Next3, three) },
		"3 binary": func() { read(t, payload.Next3Binary, binary) },
		"append": func() {
			payload.AppendBinary4(payload.Append4(dst, packet), packet)
			payload.AppendBinary3(payload.Append3(dst, packet), payload.Message, packet)
		},
	}
	for name, run := range tests {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// What base64 is decoded into is no larger than the body, as long as packets are not
// so small that what Go rounds up to counts.
func TestMemory(t *testing.T) {
	t.Parallel()
	for _, size := range []int{100, 1000, 10_000, 100_000} {
		body := payload.AppendBinary4(nil, make([]byte, size))
		p, _, err := payload.Next4(body)
		if err != nil || len(p.Data) != size || cap(p.Data) > len(body) {
			t.Errorf("%d bytes in a body of %d are %d of %d, error %v", size, len(body), len(p.Data), cap(p.Data), err)
		}
	}
}

func BenchmarkNext4(b *testing.B) {
	body, _ := bodies()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		read(b, payload.Next4, body)
	}
}

func BenchmarkNext3(b *testing.B) {
	_, body := bodies()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		read(b, payload.Next3, body)
	}
}

func BenchmarkAppend4(b *testing.B) {
	dst, packet := make([]byte, 0, 1<<12), []byte(text)
	b.SetBytes(int64(len(packet)))
	b.ReportAllocs()
	for b.Loop() {
		payload.Append4(dst, packet)
	}
}

func BenchmarkAppend3(b *testing.B) {
	dst, packet := make([]byte, 0, 1<<12), []byte(text)
	b.SetBytes(int64(len(packet)))
	b.ReportAllocs()
	for b.Loop() {
		payload.Append3(dst, packet)
	}
}
