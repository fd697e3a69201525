package websocket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// TestMask reads a client's frame as a server has to.
func TestMask(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 3, 125, 126, 300} {
		text := strings.Repeat("y", size)
		frame := Text(text)
		head := len(frame) - size
		for i := range size {
			frame[head+i] ^= frame[head-4+i%4]
		}
		if !bytes.HasSuffix(frame, []byte(text)) || frame[1]&Masked == 0 {
			t.Errorf("frame of %d bytes: %x", size, frame)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	long, huge := strings.Repeat("x", 300), strings.Repeat("z", 70_000)
	in := []byte("\x81\x05hello" + "\x81\x00" + "\x81\x7e\x01\x2c" + long + "\x81\x7f")
	in = binary.BigEndian.AppendUint64(in, uint64(len(huge)))
	in = append(in, huge...)
	for _, want := range []string{"hello", "", long, huge} {
		_, whole, err := Next(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []int{0, 1, 2, 3, 9, whole - 1} { // the frame comes in pieces
			if _, size, err := Next(in[:min(part, whole-1)]); size != 0 || err != nil {
				t.Errorf("a piece of %d bytes of %.10q: size %d, %v", part, want, size, err)
			}
		}
		payload, size, _ := Next(in)
		if string(payload) != want {
			t.Errorf("got %.10q, want %.10q", payload, want)
		}
		in = in[size:]
	}
	if len(in) != 0 {
		t.Errorf("%d bytes are left", len(in))
	}
}

func TestNextErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in   string
		want error
	}{
		"a part of a message": {"\x01\x05hello", ErrFrame},
		"binary":              {"\x82\x05hello", ErrFrame},
		"compressed":          {"\xc1\x05hello", ErrFrame},
		"masked":              {"\x81\x85hello", ErrFrame},
		"endless":             {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffhello", ErrFrame},
		"the end":             {"\x88\x02\x03\xe8", ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := Next([]byte(tt.in)); !errors.Is(err, tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}
