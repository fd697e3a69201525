package payload_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"expresschat/socketio/payload"
)

// FuzzNext reads anything in all three forms.
func FuzzNext(f *testing.F) {
	for _, c := range []cases{revision4, revision3, revision3Binary} {
		for body := range c.good {
			f.Add([]byte(body))
		}
		for body := range c.bad {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		for i, next := range []next{payload.Next4, payload.Next3, payload.Next3Binary} {
			packets, err := all(next, body)
			if err != nil && !errors.Is(err, payload.ErrMalformed) {
				t.Fatal(err)
			}
			size := 0
			for _, p := range packets {
				if p.Type > payload.Noop {
					t.Fatalf("%q: type %d", body, p.Type)
				}
				size += len(p.Data)
			}
			if size > len(body) || !bytes.Equal(body, before) {
				t.Fatalf("%q: %d bytes of data, and it is now %q", before, size, body)
			}
			if err == nil {
				again(t, packets, i == 0)
			}
		}
	})
}

// again writes packets, in revision 4 or 3, and fails unless the same come back.
func again(t *testing.T, packets []payload.Packet, four bool) {
	t.Helper()
	var body []byte
	for _, p := range packets {
		text := append([]byte{'0' + byte(p.Type)}, p.Data...)
		switch {
		case !p.Binary && !four && !utf8.Valid(text):
			return // what the binary form can hold, and the text form can't
		case p.Binary && four:
			body = payload.AppendBinary4(body, p.Data)
		case p.Binary:
			body = payload.AppendBinary3(body, p.Type, p.Data)
		case four:
			body = payload.Append4(body, text)
		default:
			body = payload.Append3(body, text)
		}
	}
	next := payload.Next3
	if four {
		next = payload.Next4
	}
	if got, err := all(next, body); err != nil || show(got) != show(packets) {
		t.Fatalf("%q: got %s %v, want %s", body, show(got), err, show(packets))
	}
}

// FuzzAppend writes two packets, of which one may be binary, in both revisions, and
// reads them back.
func FuzzAppend(f *testing.F) {
	for _, text := range []string{"", "hello", "€€€", "ü😀", "aaaaaa😀b", "aaaaaaaé", "ééééé😀😀aaaaaaaaaaaaaaaaé", `2["a",{"b":"ß"}]`} {
		f.Add(text, []byte(text), byte(4))
	}
	f.Fuzz(func(t *testing.T, text string, data []byte, digit byte) {
		text = string(bytes.ReplaceAll(bytes.ToValidUTF8([]byte(text), []byte("�")), []byte{0x1e}, nil))
		kind := payload.Type(digit % 7)
		packet := append([]byte{'0' + byte(kind)}, text...)
		want := []payload.Packet{{Type: kind, Data: []byte(text)}, {Type: kind, Binary: true, Data: data}, {Type: kind, Data: []byte(text)}}

		body := payload.Append3(nil, packet)
		checkLength(t, body, packet)
		body = payload.Append3(payload.AppendBinary3(body, kind, data), packet)
		if got, err := all(payload.Next3, body); err != nil || show(got) != show(want) {
			t.Errorf("%q: got %s %v, want %s", body, show(got), err, show(want))
		}
		want[1].Type = payload.Message
		body = payload.Append4(payload.AppendBinary4(payload.Append4(nil, packet), data), packet)
		if got, err := all(payload.Next4, body); err != nil || show(got) != show(want) {
			t.Errorf("%q: got %s %v, want %s", body, show(got), err, show(want))
		}
	})
}

// checkLength compares the length in a body of one packet with the standard library's.
func checkLength(t *testing.T, body, packet []byte) {
	t.Helper()
	n := 0
	for _, c := range body[:bytes.IndexByte(body, ':')] {
		n = n*10 + int(c-'0')
	}
	if want := len(utf16.Encode([]rune(string(packet)))); n != want {
		t.Errorf("%q: length %d, want %d", packet, n, want)
	}
}

func TestRoundTripIsExact(t *testing.T) {
	t.Parallel()
	want := []payload.Packet{
		{Type: payload.Open, Data: []byte(`{"sid":"x"}`)},
		{Type: payload.Close, Data: []byte{}},
		{Type: payload.Message, Binary: true, Data: []byte{0, 1, 0xff}},
		{Type: payload.Noop, Data: []byte{}},
	}
	again(t, want, true)
	again(t, want, false)
	body := []byte("0{\"sid\":\"x\"}\x1e1\x1ebAAH/\x1e6")
	if got, err := all(payload.Next4, body); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v %v, want %+v", got, err, want)
	}
}
