package engineio_test

import (
	"fmt"
	"strings"
	"testing"

	"expresschat/socketio/engineio"
)

// What a client may do, and what it gets.
func TestFrames(t *testing.T) {
	t.Parallel()
	const smile = "😀"
	tests := map[string]struct {
		frames []byte
		want   []string
	}{
		"text":      {frame(fin|text, "4hello"), []string{"4hello"}},
		"many":      {frames(frame(fin|text, "4a"), frame(fin|bytes_, "b"), frame(fin|text, "4c")), []string{"4a", "bytes 62", "4c"}},
		"fragments": {frames(frame(text, "4he"), frame(0, "ll"), frame(fin, "o")), []string{"4hello"}},
		"fragments of bytes": {
			frames(frame(bytes_, "\x01"), frame(0, ""), frame(fin, "\x02")), []string{"bytes 0102"},
		},
		"empty fragments": {frames(frame(text, ""), frame(0, ""), frame(fin, "4"), frame(fin|text, "4b")), []string{"4", "4b"}},
		"control frames between fragments": {
			frames(frame(text, "4he"), frame(fin|ping, "a"), frame(0, "ll"), frame(fin|pong, ""), frame(fin|ping, "b"), frame(fin, "o")),
			[]string{"pong a", "pong b", "4hello"},
		},
		"pings in order": {
			frames(frame(fin|ping, ""), frame(fin|ping, "a"), frame(fin|text, "4m"), frame(fin|ping, strings.Repeat("p", 125))),
			[]string{"pong ", "pong a", "4m", "pong " + strings.Repeat("p", 125)},
		},
		"pong unasked": {frames(frame(fin|pong, "x"), frame(fin|text, "4a")), []string{"4a"}},
		"character split over fragments": {
			frames(frame(text, "4"+smile[:1]), frame(0, smile[1:3]), frame(fin|ping, "\xff"), frame(fin, smile[3:])),
			[]string{"pong \xff", "4" + smile},
		},
		"bytes that are not UTF-8": {frame(fin|bytes_, "\xff\xfe"), []string{"bytes fffe"}},

		"no mask":                         {[]byte{fin | text, 2}, []string{"close 1002", "EOF"}},
		"no mask after a message":         {append(frame(fin|text, "4a"), fin|text, 0), []string{"4a", "close 1002", "EOF"}},
		"reserved bit":                    {[]byte{fin | 0x40 | text, 0x80}, []string{"close 1002", "EOF"}},
		"unknown opcode":                  {[]byte{fin | 3, 0x80}, []string{"close 1002", "EOF"}},
		"unknown control opcode":          {[]byte{fin | 0xb, 0x80}, []string{"close 1002", "EOF"}},
		"long control frame":              {[]byte{fin | ping, 0x80 | 126}, []string{"close 1002", "EOF"}},
		"fragment of a control frame":     {[]byte{ping, 0x80}, []string{"close 1002", "EOF"}},
		"continuation of nothing":         {frame(fin, "4a"), []string{"close 1002", "EOF"}},
		"continuation of a whole message": {frames(frame(fin|text, "4a"), frame(0, "b")), []string{"4a", "close 1002", "EOF"}},
		"text within a fragmented text":   {frames(frame(text, "4a"), frame(fin|text, "4b")), []string{"close 1002", "EOF"}},
		"bytes within a fragmented text":  {frames(frame(text, "4a"), frame(bytes_, "b")), []string{"close 1002", "EOF"}},
		"length not as short as it can":   {[]byte{fin | text, 0x80 | 126, 0, 125}, []string{"close 1002", "EOF"}},

		"text that is not UTF-8":        {frame(fin|text, "4\xff"), []string{"close 1007", "EOF"}},
		"overlong UTF-8":                {frame(fin|text, "4\xc0\xaf"), []string{"close 1007", "EOF"}},
		"surrogate":                     {frame(fin|text, "4\xed\xa0\x80"), []string{"close 1007", "EOF"}},
		"half a character":              {frames(frame(text, "4"+smile[:2]), frame(fin, "")), []string{"close 1007", "EOF"}},
		"more than the longest message": {head(fin|text, 64, 100001)[:10], []string{"close 1009", "EOF"}},
		"more than any message":         {head(fin|text, 64, 1<<62)[:10], []string{"close 1009", "EOF"}},
		"fragments over the limit": {
			frames(frame(text, strings.Repeat("x", 60000)), head(fin, 16, 40001)[:4]), []string{"close 1009", "EOF"},
		},

		"close":                        {frame(fin|closed, ""), []string{"close", "EOF"}},
		"close with a status":          {frame(fin|closed, "\x03\xe8bye"), []string{"close", "EOF"}},
		"close between fragments":      {frames(frame(text, "4a"), frame(fin|closed, "")), []string{"close", "EOF"}},
		"close behind a message":       {frames(frame(fin|text, "4a"), frame(fin|closed, "")), []string{"4a", "close", "EOF"}},
		"close with half a status":     {frame(fin|closed, "\x03"), []string{"close 1002", "EOF"}},
		"close with a reserved status": {frame(fin|closed, "\x03\xed"), []string{"close 1002", "EOF"}},
		"close with status 0":          {frame(fin|closed, "\x00\x00"), []string{"close 1002", "EOF"}},
		"close with its own status":    {frame(fin|closed, "\x0f\xa0"), []string{"close", "EOF"}},
		"close for a bad reason":       {frame(fin|closed, "\x03\xe8\xff"), []string{"close 1007", "EOF"}},
	}
	e := start(t, engineio.Options{MaxPayload: 100000})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(how string, write func(w *wire)) {
				w := e.dial("EIO=4")
				w.t = t
				w.read()
				write(w)
				for _, want := range test.want {
					if got := w.read(); got != want {
						t.Fatalf("%s: got %.100q, want %.100q", how, got, want)
					}
				}
				w.close()
			}
			check("in one piece", func(w *wire) { w.write(test.frames) })
			if len(test.frames) < 1000 {
				check("byte by byte", func(w *wire) {
					for i := range test.frames {
						w.write(test.frames[i : i+1])
					}
				})
			}
			check("with the handshake", func(old *wire) {
				w := e.connect()
				w.write(append([]byte(request("transport=websocket&EIO=4")), test.frames...))
				w.upgraded()
				w.read()
				old.close()
				*old = *w
			})
		})
	}
}

// Every length, and more than a read takes at once, in both directions.
func TestLengths(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{MaxPayload: 200001})
	w, _ := e.enter("4")
	for _, n := range []int{0, 124, 125, 126, 65534, 65535, 65536, 4096, 16384, 16370, 200000} {
		m := "4" + strings.Repeat("x", n)
		w.send(m)
		w.expect(m)
	}
	all, want := []byte(nil), []string(nil)
	for i := range 2000 {
		m := fmt.Sprint(4, i, strings.Repeat("y", i%97))
		all, want = append(all, frame(fin|text, m)...), append(want, m)
	}
	w.write(all)
	w.expect(want...)
}

// A message as large as may be whose fragments are tiny, with pings in between.
func TestManyFragments(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	w, _ := e.enter("4")
	all, want := frame(text, "4"), "4"
	for range 3000 {
		all, want = append(all, frame(0, "ab")...), want+"ab"
	}
	w.write(frames(all, frame(fin|ping, "p"), frame(fin, "")))
	w.expect("pong p", want)
}

// The connection of a client that goes away without a word ends its session.
func TestConnectionBreaks(t *testing.T) {
	t.Parallel()
	e := start(t, engineio.Options{})
	for _, part := range []string{"", "\x81", "\x81\x85abcdhe"} {
		w, p := e.enter("4")
		w.write([]byte(part))
		_ = w.conn.CloseWrite()
		p.ended(t, engineio.ReasonTransport)
		w, p = e.enter("4")
		w.write([]byte(part))
		w.reset()
		p.ended(t, engineio.ReasonTransport)
	}
}
