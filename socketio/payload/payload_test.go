package payload_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"expresschat/socketio/payload"
)

// next takes a packet off a body, in whichever form.
type next func(body []byte) (payload.Packet, []byte, error)

// all reads a whole body as engines do.
func all(next next, body []byte) (packets []payload.Packet, err error) {
	var p payload.Packet
	for more := true; more; more = len(body) > 0 {
		if p, body, err = next(body); err != nil {
			return packets, err
		}
		packets = append(packets, p)
	}
	return packets, nil
}

// show writes packets down, the bytes of binary ones in hexadecimal.
func show(packets []payload.Packet) string {
	var words []string
	for _, p := range packets {
		if p.Binary {
			words = append(words, fmt.Sprintf("%d:%x", p.Type, p.Data))
		} else {
			words = append(words, fmt.Sprintf("%d%s", p.Type, p.Data))
		}
	}
	return strings.Join(words, " ")
}

// good are bodies and what is in them; bad are bodies and what is before the fault.
type cases struct{ good, bad map[string]string }

var (
	revision4 = cases{
		good: map[string]string{
			"4hello":                    "4hello",
			"4hello\x1e2\x1e4world":     "4hello 2 4world", // the protocol's own
			"4hello\x1e4€€€":            "4hello 4€€€",
			"4hello\x1ebAQIDBA==":       "4hello 4:01020304",
			"4hello\x1ebAQID\x1eb\x1e6": "4hello 4:010203 4: 6",
			"0{}\x1e1\x1e3probe\x1e5":   "0{} 1 3probe 5",
			"4\x1e4":                    "4 4",
		},
		bad: map[string]string{
			"": "", "\x1e": "", "\x1e2": "", "7": "", "x": "", "/": "", "B": "", "bA": "", "b!!!!": "", "bAQ": "",
			"2\x1e": "", "2\x1e\x1e2": "2", "2\x1e9": "2", "2\x1e3\x1e": "2",
		},
	}
	revision3 = cases{
		good: map[string]string{
			"6:4hello":                    "4hello",
			"6:4hello2:4€":                "4hello 4€", // the protocol's own
			"6:4hello10:b4AQIDBA==":       "4hello 4:01020304",
			"6:4hello4:4€€€4:4ü😀6:2probe": "4hello 4€€€ 4ü😀 2probe",
			"2:b46:b2AQID1:6":             "4: 2:010203 6",
			"3:4😀1:2":                     "4😀 2",
			"05:4abcd":                    "4abcd",
			"0000000005:4abcd":            "4abcd",
			"12:4:::1:2\x1e34\"\\1:2":     "4:::1:2\x1e34\"\\ 2",
			"4:4\ufffd€ü":                 "4\ufffd€ü",
			"13:4aaaaaaaaaa😀1:2":          "4aaaaaaaaaa😀 2",
		},
		bad: map[string]string{
			"": "", "0:": "", ":": "", ":2": "", "1": "", "1:": "", "2:4": "", "x": "", "-1:2": "", "+1:2": "", "1.0:2": "", " 1:2": "", "1 :2": "",
			"1:7": "", "1:x": "", "1:b": "", "2:b7": "", "3:b4A": "", "2:4😀": "", "4:4😀": "", "00000000001:2": "", "9999999999:2": "", "99999999999999999999:2": "",
			"2:4\xff": "", "2:4\xf0\x9f\x98": "", "3:4\xed\xa0\x80": "",
			"1:2 ": "2", "1:20:": "2", "1:21": "2", "1:21:": "2", "1:2x": "2", "1:22:4": "2",
		},
	}
	revision3Binary = cases{
		good: map[string]string{
			"\x00\x01\xff2":                "2",
			"\x00\x06\xff4hello":           "4hello",
			"\x01\x04\xff\x04\x01\x02\x03": "4:010203",
			"\x01\x01\xff\x06":             "6:",
			"\x00\x00\x00\x01\xff2":        "2",
			// What the protocol's own encoder makes of several.
			"\x00\x06\xff4hello\x00\x01\x00\xff4€€€\x00\x07\xff4ü😀\x00\x06\xff2probe\x00\x01\xff6\x01\x04\xff\x04\x01\x02\x03": "4hello 4€€€ 4ü😀 2probe 6 4:010203",
			"\x00\x06\xffb4AQID": "4:010203",
			"\x00\x02\xff4\xff":  "4\xff",
			"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff2": "2",
		},
		bad: map[string]string{
			"": "", "\x00": "", "\x00\xff": "", "\x00\x00\xff": "", "\x00\x01": "", "\x00\x01\xff": "", "\x00\x02\xff4": "", "\x02\x01\xff2": "", "1:2": "",
			"\x00\x0a\xff2222222222": "", "\x00\x01\xff7": "", "\x00\x01\xffb": "", "\x01\x01\xff\x07": "", "\x01\x01\xff2": "", "\x01\x00\xff": "", "\x01\x02\xff\x04": "",
			"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff2": "",
			"\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff2":     "",
			"\x00\x01\xff2\x00": "2", "\x00\x01\xff2\x00\x05\xff4": "2",
		},
	}
)

func (c cases) test(t *testing.T, next next) {
	t.Helper()
	for body, want := range c.good {
		packets, err := all(next, []byte(body))
		if got := show(packets); err != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", body, got, err, want)
		}
	}
	for body, want := range c.bad {
		packets, err := all(next, []byte(body))
		if got := show(packets); !errors.Is(err, payload.ErrMalformed) || got != want {
			t.Errorf("%q: got %q %v, want %q and ErrMalformed", body, got, err, want)
		}
	}
}

func TestNext4(t *testing.T) {
	t.Parallel()
	revision4.test(t, payload.Next4)
}

func TestNext3(t *testing.T) {
	t.Parallel()
	revision3.test(t, payload.Next3)
}

func TestNext3Binary(t *testing.T) {
	t.Parallel()
	revision3Binary.test(t, payload.Next3Binary)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		decode func([]byte) (payload.Packet, error)
		good   map[string]string
		bad    []string
	}{
		"4": {
			payload.Decode4,
			map[string]string{"2probe": "2probe", "6": "6", "4a\x1eb": "4a\x1eb", "b": "4:", "bAQID": "4:010203"},
			[]string{"", "7", "a", "bA", "b4AQID"},
		},
		"3": {
			payload.Decode3,
			map[string]string{"2probe": "2probe", "b4": "4:", "b4AQID": "4:010203", "b2": "2:"},
			[]string{"", "7", "a", "b", "b7", "bAQID", "b4A"},
		},
		"3 binary": {
			payload.Decode3Binary,
			map[string]string{"\x04\x00\x01\x02\x03\x04\x05": "4:000102030405", "\x00": "0:", "\x06": "6:"},
			[]string{"", "\x07", "4a"},
		},
	}
	for name, test := range tests {
		for text, want := range test.good {
			p, err := test.decode([]byte(text))
			if got := show([]payload.Packet{p}); err != nil || got != want {
				t.Errorf("%s: %q: got %q %v, want %q", name, text, got, err, want)
			}
		}
		for _, text := range test.bad {
			if p, err := test.decode([]byte(text)); !errors.Is(err, payload.ErrMalformed) {
				t.Errorf("%s: %q: got %+v %v, want ErrMalformed", name, text, p, err)
			}
		}
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	var body []byte
	for _, text := range []string{"4hello", "4€€€", "4ü😀", "2probe", "6"} {
		body = payload.Append4(body, []byte(text))
	}
	body = payload.AppendBinary4(payload.AppendBinary4(body, []byte{1, 2, 3}), nil)
	if want := "4hello\x1e4€€€\x1e4ü😀\x1e2probe\x1e6\x1ebAQID\x1eb"; string(body) != want {
		t.Errorf("got %q, want %q", body, want)
	}
	if body = payload.AppendBinary4(nil, []byte{1, 2, 3, 4}); string(body) != "bAQIDBA==" {
		t.Errorf("got %q", body)
	}
	body = nil
	for _, text := range []string{"4hello", "4€€€", "4ü😀", "2probe", "6"} {
		body = payload.Append3(body, []byte(text))
	}
	body = payload.AppendBinary3(body, payload.Message, []byte{1, 2, 3})
	if want := "6:4hello4:4€€€4:4ü😀6:2probe1:66:b4AQID"; string(body) != want {
		t.Errorf("got %q, want %q", body, want)
	}
}

// The data of a packet can be appended to without writing over the packets behind it.
func TestPacketsAreApart(t *testing.T) {
	t.Parallel()
	bodies := map[string]next{
		"4a\x1e4b": payload.Next4, "2:4a2:4b": payload.Next3,
		"\x00\x02\xff4a\x01\x02\xff\x04b": payload.Next3Binary, "\x01\x02\xff\x04b\x00\x02\xff4a": payload.Next3Binary,
	}
	for want, next := range bodies {
		body := []byte(want)
		p, _, err := next(body)
		if _ = append(p.Data, "xxxx"...); err != nil || string(body) != want {
			t.Errorf("%q %v, want %q", body, err, want)
		}
	}
}

func ExampleNext4() {
	body := []byte("2probe\x1e4hello")
	for more := true; more; more = len(body) > 0 {
		p, rest, err := payload.Next4(body)
		if err != nil {
			return
		}
		fmt.Println(p.Type, string(p.Data))
		body = rest
	}
	// Output:
	// 2 probe
	// 4 hello
}
