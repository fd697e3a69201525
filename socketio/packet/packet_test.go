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

func TestAppend(t *testing.T) {
	t.Parallel()
	event := func(ns, name string, arg any) func() ([]byte, error) {
		return func() ([]byte, error) { return packet.AppendEvent([]byte{'4'}, ns, name, arg) }
	}
	asking := func(ns string, id uint64, arg any) func() ([]byte, error) {
		return func() ([]byte, error) { return packet.AppendEventAck(nil, ns, id, "a", arg) }
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
		"event with an id":  {asking("/", 12, 1), `212["a",1]`},
		"id in a namespace": {asking("/n", 0, "<"), `2/n,0["a","<"]`},
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
	if got, err := event("/", "a", func() {})(); err == nil || string(got) != "4" {
		t.Errorf("a function was encoded: %s", got)
	}
	if got, err := ack("/", 1, make(chan int))(); err == nil || got != nil {
		t.Errorf("a channel was encoded: %s", got)
	}
}

func TestAppendControl(t *testing.T) {
	t.Parallel()
	tests := map[string][]byte{
		`40{"sid":"x_-9"}`:               packet.AppendConnect([]byte{'4'}, "/", "x_-9"),
		`40/n,{"sid":"\""}`:              packet.AppendConnect([]byte{'4'}, "/n", `"`),
		`40`:                             packet.AppendConnectPlain([]byte{'4'}, "/"),
		`40/n,`:                          packet.AppendConnectPlain([]byte{'4'}, "/n"),
		`44{"message":"not authorised"}`: packet.AppendConnectError([]byte{'4'}, "/", "not authorised"),
		`4/n,{"message":"<ü> \\"}`:       packet.AppendConnectError(nil, "/n", `<ü> \`),
		`44"not authorised"`:             packet.AppendConnectErrorPlain([]byte{'4'}, "/", "not authorised"),
		`4/n,"a\nb"`:                     packet.AppendConnectErrorPlain(nil, "/n", "a\nb"),
		`41`:                             packet.AppendDisconnect([]byte{'4'}, "/"),
		`41/n,`:                          packet.AppendDisconnect([]byte{'4'}, "/n"),
	}
	for want, got := range tests {
		if string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Whatever Encode of a string gives, AppendEvent writes for a name.
func TestAppendEventName(t *testing.T) {
	t.Parallel()
	for c := range rune(0x180) {
		name := "a" + string(c) + string([]byte{byte(c)}) // the latter is often not UTF-8
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode([]any{name, nil}); err != nil {
			t.Fatal(err)
		}
		got, err := packet.AppendEvent(nil, "/", name, nil)
		if err != nil || string(got) != "2"+strings.TrimSpace(want.String()) {
			t.Errorf("got %s %v, want 2%s", got, err, &want)
		}
	}
}

// An encoder that failed, or whose value panicked, harms none that comes after it.
func TestAppendAfterFailure(t *testing.T) {
	t.Parallel()
	for range 10 {
		_, _ = packet.AppendAck(nil, "/", 1, func() {})
		func() {
			defer func() { _ = recover() }()
			_, _ = packet.AppendAck(nil, "/", 1, panics{})
		}()
		if got, err := packet.AppendAck(nil, "/", 1, nested{}); err != nil || string(got) != `31["30[1]"]` {
			t.Fatalf("got %s %v", got, err)
		}
	}
}

type panics struct{}

func (panics) MarshalText() ([]byte, error) { panic("no text") }

// nested uses an encoder while another encodes it.
type nested struct{}

func (nested) MarshalText() ([]byte, error) { return packet.AppendAck(nil, "/", 0, 1) }

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := map[string]packet.Packet{
		`0`:                      {Type: packet.Connect, Namespace: "/"},
		`0{"a":1}`:               {Type: packet.Connect, Namespace: "/", Data: []byte(`{"a":1}`)},
		`0/n,{"a":1}`:            {Type: packet.Connect, Namespace: "/n", Data: []byte(`{"a":1}`)},
		`2/,1["a"]`:              {Type: packet.Event, Namespace: "/", ID: 1, HasID: true, Data: []byte(`["a"]`)},
		`5010-["a"]`:             {Type: packet.BinaryEvent, Namespace: "/", Attachments: 10, Data: []byte(`["a"]`)},
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
		``, `7`, `x`, `5`, `5["a"]`, `5-["a"]`, `5x-["a"]`, `511-["a"]`, `5-1-["a"]`, `5+1-["a"]`, `51`, `599999999999999999999-["a"]`,
		`218446744073709551616`, `299999999999999999999`, `2/` + strings.Repeat("n", 600) + `,["a"]`,
	} {
		if got, err := packet.Decode([]byte(text)); !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%s: got %+v %v, want ErrMalformed", text, got, err)
		}
	}
}
