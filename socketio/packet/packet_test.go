package packet_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"expresschat/socketio/packet"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	event := func(ns, name string, arg any) func() ([]byte, error) {
		return func() ([]byte, error) { return packet.AppendEvent([]byte{'4'}, ns, name, arg) }
	}
	ack := func(ns string, id uint64, arg any) func() ([]byte, error) {
		return func() ([]byte, error) { return packet.AppendAck(nil, ns, id, arg) }
	}
	tests := map[string]struct {
		encode func() ([]byte, error)
		want   string
	}{
		"default namespace": {event("/", "a", 1), `42["a",1]`},
		"namespace":         {event("/n", "a", nil), `42/n,["a",null]`},
		"html stays":        {event("/", "<&>", []string{"<b>&amp;</b>"}), `42["<&>",["<b>&amp;</b>"]]`},
		"quotes":            {event("/", `"`, "line\nline"), `42["\"","line\nline"]`},
		"ack":               {ack("/", 12, map[string]int{"a": 1}), `312[{"a":1}]`},
		"ack in namespace":  {ack("/n", 0, "<"), `3/n,0["<"]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.encode()
			if err != nil || string(got) != test.want {
				t.Errorf("got %s %v, want %s", got, err, test.want)
			}
		})
	}
	if _, err := event("/", "a", func() {})(); err == nil {
		t.Error("a function was encoded")
	}
	if _, err := ack("/", 1, make(chan int))(); err == nil {
		t.Error("a channel was encoded")
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := map[string]packet.Packet{
		`0`:                      {Type: packet.Connect, Namespace: "/"},
		`0{"a":1}`:               {Type: packet.Connect, Namespace: "/", Data: []byte(`{"a":1}`)},
		`0/n,{"a":1}`:            {Type: packet.Connect, Namespace: "/n", Data: []byte(`{"a":1}`)},
		`0/n?a=1`:                {Type: packet.Connect, Namespace: "/n?a=1"},
		`1/n,`:                   {Type: packet.Disconnect, Namespace: "/n"},
		`2["a"]`:                 {Type: packet.Event, Namespace: "/", Data: []byte(`["a"]`)},
		`2/n,70["a"]`:            {Type: packet.Event, Namespace: "/n", ID: 70, HasID: true, Data: []byte(`["a"]`)},
		`30[1]`:                  {Type: packet.Ack, Namespace: "/", HasID: true, Data: []byte(`[1]`)},
		`52-/n,7["a"]`:           {Type: packet.BinaryEvent, Namespace: "/n", Attachments: 2, ID: 7, HasID: true, Data: []byte(`["a"]`)},
		`218446744073709551615x`: {Type: packet.Event, Namespace: "/", ID: 1<<64 - 1, HasID: true, Data: []byte(`x`)},
	}
	for text, want := range tests {
		got, err := packet.Decode([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		``, `7`, `x`, `5`, `5["a"]`, `5-["a"]`, `5x-["a"]`, `511-["a"]`, `5-1-["a"]`,
		`218446744073709551616`, `2/` + strings.Repeat("n", 600) + `,["a"]`,
	} {
		if got, err := packet.Decode([]byte(text)); !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%s: got %+v %v, want ErrMalformed", text, got, err)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, arg string }{
		`2["a"]`:                           {"a", ""},
		`2["a",null]`:                      {"a", "null"},
		`2["a",{"x": 1},"more"]`:           {"a", `{"x": 1}`},
		`2[5,1]`:                           {"", ""},
		`51-["a",{"_placeholder":true}]`:   {"a", "binary"},
		`51-["a",1,{"_placeholder":true}]`: {"a", "1"},
		`2["a",{"_placeholder":true}]`:     {"a", `{"_placeholder":true}`},
	}
	for text, want := range tests {
		p, err := packet.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		name, arg, err := p.Event()
		if err != nil || name != want.name || string(arg) != want.arg {
			t.Errorf("%s: got %q %s %v", text, name, arg, err)
		}
	}
	for _, text := range []string{`2`, `2{}`, `2[]`, `2[null]`, `2[true]`, `2[{}]`, `2[["a"]]`, `2["a"`, `2["a",]`, `2["a"]x`, `2"a"`} {
		p, err := packet.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if name, _, err := p.Event(); !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%s: got %q %v, want ErrMalformed", text, name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`52-/n,7["a",{"_placeholder":true,"num":0}]`))
	f.Add([]byte(`0/n?x=1,{"a":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := packet.Decode(text)
		if err != nil {
			return
		}
		_, _, _ = p.Event()
		_, _ = p.Auth()
	})
}
