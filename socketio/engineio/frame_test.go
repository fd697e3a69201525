package engineio_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"testing"

	"expresschat/socketio/engineio"
)

// head makes the head of a client's frame: the length in as many bytes as bits says.
func head(first byte, bits int, n uint64) []byte {
	b := []byte{first, 0x80}
	switch bits {
	case 7:
		b[1] |= byte(n)
	case 16:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	case 64:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return append(b, mask[:]...)
}

func TestReadHead(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	for n, bits := range map[uint64]int{0: 7, 1: 7, 125: 7, 126: 16, 127: 16, 65535: 16, 65536: 64, limit: 64} {
		for _, first := range []byte{fin | text, text, fin | bytes_, bytes_, fin, 0} {
			b := head(first, bits, n)
			for i := range b {
				if _, ok, err := engineio.ReadHead(b[:i], limit); ok || err != nil {
					t.Errorf("%d bytes of %x: %t %v", i, b, ok, err)
				}
			}
			h, ok, err := engineio.ReadHead(append(b, "more"...), limit)
			op, whole, key, size, after := h.Head()
			if !ok || err != nil || op != first&0xf || whole != (first&fin != 0) || key != mask || size != len(b) || after != int(n) {
				t.Errorf("%x: %+v %t %v", b, h, ok, err)
			}
		}
	}
	for _, op := range []byte{closed, ping, pong} {
		for _, n := range []uint64{0, 125} {
			if _, ok, err := engineio.ReadHead(head(fin|op, 7, n), 0); !ok || err != nil {
				t.Errorf("control frame %x of %d: %t %v", op, n, ok, err) // no limit is for them
			}
		}
	}
}

func TestReadHeadRefuses(t *testing.T) {
	t.Parallel()
	const limit = 70000
	tests := map[string]struct {
		head []byte
		want error
	}{
		"no mask":                         {[]byte{fin | text, 5}, engineio.ErrFrame},
		"first reserved bit":              {head(fin|0x40|text, 7, 1), engineio.ErrFrame},
		"second reserved bit":             {head(fin|0x20|text, 7, 1), engineio.ErrFrame},
		"third reserved bit":              {head(fin|0x10|text, 7, 1), engineio.ErrFrame},
		"reserved bit of a control frame": {head(fin|0x40|ping, 7, 1), engineio.ErrFrame},
		"control frame of 126":            {head(fin|ping, 16, 126), engineio.ErrFrame},
		"control frame of 65536":          {head(fin|closed, 64, 65536), engineio.ErrFrame},
		"fragment of a control frame":     {head(ping, 7, 1), engineio.ErrFrame},
		"16 bits for 125":                 {head(fin|text, 16, 125), engineio.ErrFrame},
		"64 bits for 65535":               {head(fin|text, 64, 65535), engineio.ErrFrame},
		"highest bit of a length":         {head(fin|text, 64, 1<<63), engineio.ErrFrame},
		"all bits of a length":            {head(fin|text, 64, 1<<64-1), engineio.ErrFrame},
		"longest length":                  {head(fin|text, 64, 1<<63-1), engineio.ErrTooBig},
		"over the limit":                  {head(fin|text, 64, limit+1), engineio.ErrTooBig},
		"fragment over the limit":         {head(0, 64, limit+1), engineio.ErrTooBig},
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf} {
		tests["opcode "+strconv.Itoa(int(op))] = struct {
			head []byte
			want error
		}{head(fin|op, 7, 1), engineio.ErrFrame}
	}
	for name, test := range tests {
		for n := range len(test.head) + 1 {
			_, ok, err := engineio.ReadHead(test.head[:n], limit)
			if ok || (err != nil && !errors.Is(err, test.want)) || (n == len(test.head) && err == nil) {
				t.Errorf("%s, %d bytes: %t %v", name, n, ok, err)
			}
		}
	}
}

// unmaskSlowly is what RFC 6455 says, section 5.3.
func unmaskSlowly(b []byte, key [4]byte, offset int) {
	for i := range b {
		b[i] ^= key[(i+offset)%4]
	}
}

func TestUnmask(t *testing.T) {
	t.Parallel()
	array := make([]byte, 200)
	for i := range array {
		array[i] = byte(i * 7)
	}
	for start := range 9 {
		for n := range 150 {
			for offset := range 5 {
				got, want := bytes.Clone(array), bytes.Clone(array)
				engineio.Unmask(got[start:start+n], mask, offset)
				unmaskSlowly(want[start:start+n], mask, offset)
				if !bytes.Equal(got, want) {
					t.Fatalf("%d bytes from %d, offset %d: %x, want %x", n, start, offset, got, want)
				}
			}
		}
	}
}

func FuzzHead(f *testing.F) {
	for _, first := range []byte{fin | text, bytes_, 0, fin | closed, fin | ping, 0xf1, 0x8f} {
		f.Add(head(first, 7, 5), 1000)
		f.Add(head(first, 16, 500), 1000)
		f.Add(head(first, 64, 100000), 1<<20)
	}
	f.Add([]byte{}, 0)
	f.Add([]byte{fin | text, 5, 'h', 'e', 'l', 'l', 'o'}, 10)
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		limit = max(limit, 0)
		h, ok, err := engineio.ReadHead(b, limit)
		if ok && err != nil {
			t.Fatal("both good and bad")
		}
		// What is known of the beginning does not change when more comes.
		for i := range min(len(b), 14) {
			_, shortOK, shortErr := engineio.ReadHead(b[:i], limit)
			if shortErr != nil && !errors.Is(err, shortErr) || shortOK && !ok {
				t.Fatalf("%x: %t %v, but %t %v of %d bytes", b, ok, err, shortOK, shortErr, i)
			}
		}
		if !ok {
			if err == nil && len(b) >= 14 {
				t.Fatalf("%x: can't tell", b)
			}
			return
		}
		op, whole, key, size, after := h.Head()
		if op < 8 && after > limit || op >= 8 && after > 125 || after < 0 {
			t.Fatalf("%x: %d bytes", b, after)
		}
		first, bits := op, 7
		if whole {
			first |= fin
		}
		if after > 65535 {
			bits = 64
		} else if after > 125 {
			bits = 16
		}
		again := head(first, bits, uint64(after))
		copy(again[len(again)-4:], key[:])
		if !bytes.Equal(again, b[:size]) {
			t.Fatalf("%x was read as %x", b[:size], again)
		}
	})
}

func BenchmarkUnmask(b *testing.B) {
	data := make([]byte, 200)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		engineio.Unmask(data, mask, 0)
	}
}
