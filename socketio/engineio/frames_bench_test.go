package engineio

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/gobwas/ws"
)

// clientFrame is a text message as a client sends it.
func clientFrame(payload []byte) []byte {
	key := [4]byte{1, 2, 3, 4}
	frame := []byte{finBit | opText, maskBit | 126}
	frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	frame = append(append(frame, key[:]...), payload...)
	unmask(frame[8:], key, 0)
	return frame
}

// BenchmarkFrames reads 80 messages of 200 bytes from memory: with the code of this
// package, and with gobwas/ws, which leaves buffers to its caller as we want it.
func BenchmarkFrames(b *testing.B) {
	const count = 80
	stream := bytes.Repeat(clientFrame(bytes.Repeat([]byte("x"), 200)), count)
	work := make([]byte, len(stream))
	b.Run("own", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for rest := work[:copy(work, stream)]; len(rest) > 0; {
				h, ok, err := readHead(rest, 1<<20)
				if !ok || err != nil {
					b.Fatal(ok, err)
				}
				unmask(rest[h.size:h.size+h.after], h.key, 0)
				rest = rest[h.size+h.after:]
			}
		}
	})
	b.Run("gobwas", func(b *testing.B) {
		b.ReportAllocs()
		in := bytes.NewReader(nil)
		for b.Loop() {
			in.Reset(stream)
			for in.Len() > 0 {
				h, err := ws.ReadHeader(in)
				if err != nil {
					b.Fatal(err)
				}
				payload := work[:h.Length]
				if _, err := io.ReadFull(in, payload); err != nil {
					b.Fatal(err)
				}
				ws.Cipher(payload, h.Mask, 0)
			}
		}
	})
}
