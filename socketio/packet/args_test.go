package packet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"expresschat/socketio/packet"
)

func raw(texts ...string) (list []json.RawMessage) {
	for _, text := range texts {
		list = append(list, json.RawMessage(text))
	}
	return list
}

func TestAppendArgs(t *testing.T) {
	t.Parallel()
	event := func(ns string, n int, args ...string) func([]byte) ([]byte, error) {
		return func(dst []byte) ([]byte, error) { return packet.AppendEventArgs(dst, ns, "a", raw(args...), n) }
	}
	asking := func(ns string, n int, args ...string) func([]byte) ([]byte, error) {
		return func(dst []byte) ([]byte, error) {
			return packet.AppendEventAckArgs(dst, ns, 12, "a", raw(args...), n)
		}
	}
	ack := func(ns string, n int, args ...string) func([]byte) ([]byte, error) {
		return func(dst []byte) ([]byte, error) { return packet.AppendAckArgs(dst, ns, 12, raw(args...), n) }
	}
	tests := map[string]func([]byte) ([]byte, error){
		`42["a"]`:            event("/", 0),
		`42/n,["a",1, "b" ]`: event("/n", 0, `1`, ` "b" `),
		`42["a",null]`: func(dst []byte) ([]byte, error) {
			return packet.AppendEventArgs(dst, "/", "a", []json.RawMessage{nil}, 0)
		},
		`42["a",{"_placeholder":true}]`:                   event("/", 0, `{"_placeholder":true}`),
		`451-["a",{"_placeholder":true,"num":0}]`:         event("/", 1, `{"_placeholder":true,"num":0}`),
		`4510-/n,["a",1,[{"_placeholder":true,"num":9}]]`: event("/n", 10, `1`, `[{"_placeholder":true,"num":9}]`),
		`4212["a"]`: asking("/", 0),
		`451-/n,12["a",{"_placeholder":true,"num":0}]`: asking("/n", 1, `{"_placeholder":true,"num":0}`),
		`4312[]`:       ack("/", 0),
		`43/n,12[1,2]`: ack("/n", 0, `1`, `2`),
		`462-/n,12[{"_placeholder":true,"num":1},"ü",null]`: ack("/n", 2, `{"_placeholder":true,"num":1}`, `"ü"`, `null`),
	}
	for want, encode := range tests {
		if got, err := encode([]byte{'4'}); err != nil || string(got) != want {
			t.Errorf("got %s %v, want %s", got, err, want)
		}
	}
	for _, encode := range []func([]byte) ([]byte, error){
		event("/", 0, ``), event("/", 0, `1`, `{`), event("/", 0, `1,2`), event("/", 0, `1]`), event("/", 0, "\"\xff\""), event("/", 11),
		event("/", 1, `{"_placeholder":true,"num":1}`), ack("/", 1, `{"_placeholder":true}`), ack("/", 0, `[`), ack("/", 11, `1`),
		asking("/", 0, `{`), asking("/", 11),
		event("/", 0, strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)),
	} {
		if got, err := encode([]byte("4")); !errors.Is(err, packet.ErrArgs) || string(got) != "4" {
			t.Errorf("got %.100s %v, want ErrArgs", got, err)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	const (
		none  = "1" // what the first argument is replaced by, if it is
		found = "binary"
		wrong = "wrong"
	)
	tests := map[string]string{
		`{"_placeholder":true,"num":0}`:                           found,
		`{"num":1,"_placeholder":true,"more":[{}]}`:               found,
		`[[{"a":{"b":{"_placeholder" : true , "num" : 1 }}}]]`:    found,
		`{"\u005fplaceholder":true,"n\u0075m":0}`:                 found,
		`{"num":5,"_placeholder":true,"num":0}`:                   found, // the last one counts
		`{"_placeholder":false,"_placeholder":true,"num":0}`:      found,
		`{"_placeholder":true,"num":7,"a":{"num":0},"num":1}`:     found,
		`{"_placeholder":true,"num":2}`:                           wrong,
		`{"_placeholder":true,"num":-0}`:                          wrong,
		`{"_placeholder":true,"num":1e0}`:                         wrong,
		`{"_placeholder":true,"num":0.0}`:                         wrong,
		`{"_placeholder":true,"num":"0"}`:                         wrong,
		`{"_placeholder":true,"num":null}`:                        wrong,
		`{"_placeholder":true,"num":[0]}`:                         wrong,
		`{"_placeholder":true,"NUM":0}`:                           wrong,
		`{"_placeholder":true,"num":18446744073709551616}`:        wrong,
		`{"_placeholder":true}`:                                   wrong,
		`{"_placeholder":true,"a":{"num":0}}`:                     wrong,
		`{"num":0,"a":{"_placeholder":true}}`:                     wrong,
		`{"a":{"_placeholder":true,"num":0},"_placeholder":true}`: wrong,
		`[{"_placeholder":true,"num":0},{"_placeholder":true}]`:   wrong,
		`{"_placeholder":false}`:                                  none,
		`{"_placeholder":1}`:                                      none,
		`{"_placeholder":"true"}`:                                 none,
		`{"_placeholder":[true]}`:                                 none,
		`{"_placeholder":true,"_placeholder":null}`:               none,
		`{"_PLACEHOLDER":true}`:                                   none,
		`["_placeholder",true]`:                                   none,
		`"{\"_placeholder\":true}"`:                               none,
		`{"a":"_placeholder","b":true}`:                           none,
		`{"\"_placeholder":true,"_placeholder\\":true}`:           none,
		`{"` + strings.Repeat("x", 200) + `":true,"num":99}`:      none,
		`[{},[],{"a":{}},{"num":3}]`:                              none,
	}
	for arg, want := range tests {
		for _, list := range []string{`["a",` + arg + `]`, ` [ "a" , ` + arg + ` , 1 ] `} {
			p := packet.Packet{Type: packet.BinaryEvent, Attachments: 2, Data: []byte(list)}
			name, first, err := p.Event()
			switch {
			case want == wrong:
				if !errors.Is(err, packet.ErrMalformed) {
					t.Errorf("%s: got %s %v, want ErrMalformed", list, first, err)
				}
			case err != nil || string(name) != "a" || (want == found) != (string(first) == found) || want == none && string(first) != arg:
				t.Errorf("%s: got %s %s %v", list, name, first, err)
			}
		}
		// Only the first argument matters to those who want but that.
		p := packet.Packet{Type: packet.BinaryEvent, Attachments: 2, Data: []byte(`["a",1,` + arg + `]`)}
		if _, first, err := p.Event(); (err != nil) != (want == wrong) || err == nil && string(first) != "1" {
			t.Errorf("%s: got %s %v", p.Data, first, err)
		}
		// Without attachments it is an object like any other.
		p = packet.Packet{Type: packet.Event, Data: []byte(`["a",` + arg + `]`)}
		if _, first, err := p.Event(); err != nil || string(first) != arg {
			t.Errorf("%s: got %s %v", p.Data, first, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		`31[]`: true, `30[1,"a"]`: true, `61-1[{}]`: true, `61-1{}`: false, `3`: false, `31{}`: false, `31[`: false, `31[]x`: false,
		`1`: true, `1/n,`: true, `1/n`: true, `1{}`: false, `1[]`: false, `1x`: false, `1/n,x`: false,
	} {
		p, err := packet.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(); (err == nil) != good || err != nil && !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestAssembly(t *testing.T) {
	t.Parallel()
	buffer := []byte(`53-/n,7["a",1]`)
	p, err := packet.Decode(buffer)
	if err != nil {
		t.Fatal(err)
	}
	want := p
	want.Data = bytes.Clone(p.Data)
	a := packet.Assemble(p, 5)
	for i, data := range []string{"abc", "", "de"} {
		clear(buffer)
		buffer = append(buffer[:0], data...)
		if complete, err := a.Add(buffer); err != nil || complete != (i == 2) {
			t.Errorf("%s: complete %v, %v", data, complete, err)
		}
	}
	clear(buffer)
	got, attachments := a.Packet()
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(attachments, [][]byte{[]byte("abc"), {}, []byte("de")}) {
		t.Errorf("got %+v with %q", got, attachments)
	}
	a = packet.Assemble(p, 5)
	if _, err := a.Add([]byte("abc")); err != nil {
		t.Error(err)
	}
	if _, err := a.Add([]byte("def")); !errors.Is(err, packet.ErrMalformed) {
		t.Errorf("too much: %v", err)
	}
}

// What can be sent is read again as it was.
func FuzzArgs(f *testing.F) {
	for _, doc := range documents() {
		f.Add([]byte(doc), 0)
		f.Add([]byte(doc), 2)
	}
	f.Add([]byte(`[{"_placeholder":true,"num":1},{"\u005fplaceholder":true,"num":0}]`), 2)
	f.Fuzz(func(t *testing.T, arg []byte, attachments int) {
		attachments = int(uint(attachments) % 12)
		text, err := packet.AppendEventArgs(nil, "/", "a", []json.RawMessage{arg, arg}, attachments)
		if err != nil {
			return
		}
		p, err := packet.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		name, first, err := p.Event()
		if err != nil || string(name) != "a" || p.Attachments != attachments {
			t.Fatalf("%q: got %s %+v %v", text, name, p, err)
		}
		if trimmed := bytes.Trim(arg, " \t\r\n"); arg != nil && string(first) != "binary" && !bytes.Equal(first, trimmed) {
			t.Errorf("%q: got %q", text, first)
		}
	})
}
