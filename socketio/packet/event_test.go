package packet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"expresschat/socketio/packet"
)

func TestEvent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, arg string }{
		`2["a"]`:                       {"a", ""},
		`2[""]`:                        {"", ""},
		`2["a",null]`:                  {"a", "null"},
		`2["a",{"x": 1},"more"]`:       {"a", `{"x": 1}`},
		"2 [ \"a\" ,\t1 , 2 ]\r\n":     {"a", "1"},
		`2["\u00fc\n"]`:                {"ü\n", ""},
		"2[\"\xff\"]":                  {"\ufffd", ""},
		`2[5,1]`:                       {"", ""},
		`2[-1e5]`:                      {"", ""},
		`2["a",{"_placeholder":true}]`: {"a", `{"_placeholder":true}`},
	}
	for text, want := range tests {
		p, err := packet.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		name, arg, err := p.Event()
		if err != nil || string(name) != want.name || string(arg) != want.arg {
			t.Errorf("%s: got %q %s %v", text, name, arg, err)
		}
		if isString := strings.Contains(text, `["`) || strings.Contains(text, `[ "`); isString != (name != nil) {
			t.Errorf("%s: name is nil: %v", text, name == nil)
		}
	}
	for _, text := range []string{
		`2`, `2{}`, `2[]`, `2[null]`, `2[true]`, `2[{}]`, `2[["a"]]`, `2["a"`, `2["a",]`, `2["a"]x`, `2"a"`, `2null`,
	} {
		p, err := packet.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if name, _, err := p.Event(); !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%s: got %q %v, want ErrMalformed", text, name, err)
		}
	}
}

// What Event returns can be appended to without writing over the rest of the packet.
func TestEventIsApart(t *testing.T) {
	t.Parallel()
	text := []byte(`2["a",1,2]`)
	p, err := packet.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, arg, err := p.Event(); err != nil || string(append(arg, 'x')) != "1x" || string(text) != `2["a",1,2]` {
		t.Errorf("got %s %v, and the packet is %s", arg, err, text)
	}
}

// documents are values, good and bad, that the scanner and encoding/json must agree on.
func documents() []string {
	long := strings.Repeat("x", 7)
	docs := []string{
		``, ` `, `null`, `true`, `tru`, `truex`, `false`, `fals`, `nul`, `[null,true,false]`,
		`0`, `-0`, `-`, `01`, `-01`, `1.`, `.1`, `1.5`, `1.5e`, `1e5`, `1E+5`, `1e-05`, `1e+`, `+1`, `1-`, `0x1`, `1e5.5`,
		`""`, `"`, `"a`, `"\`, `"\"`, `"\""`, `"\\"`, `"\/\b\f\n\r\t"`, `"\x"`, `"\u"`, `"\u12"`, `"\u12g4"`, `"\uD800"`, `"\uabCD"`, `"\u 123"`,
		"\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\xc0\"", "\"\n\"", "\"ü€😀\"", "\"\xa2\xdc\xa0\"",
		`[]`, `[ ]`, `[,]`, `[1,]`, `[1 2]`, `[1`, `[`, `]`, `[}`, `[[]`, `[[],[[]],{}]`, `[1]]`, `[1],`,
		`{}`, `{ }`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,}`, `{"a":1,"a":2}`, `{a:1}`, `{1:1}`, `{"a" : [ {"b" : {} } ] }`, `{"a":1]`, `{"a":1}}`,
		`{"a":{"b":[1,{"c":null}]},"d":"e"}`, "\u00a01", "\ufeff1", `{"a",1}`, `["a":1]`, `{"a":1 "b":2}`, `{"a"=1}`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100), strings.Repeat("[", 100) + strings.Repeat("]", 99),
		strings.Repeat(`{"a":[`, 60) + strings.Repeat("]}", 60), strings.Repeat(`{"a":[`, 60) + strings.Repeat("}]", 60),
		strings.Repeat("[1,", 70) + `[],{},[2],{"a":[3]}` + strings.Repeat("]", 70),
		strings.Repeat(`[`, 64) + strings.Repeat("]", 64), strings.Repeat(`[`, 65) + strings.Repeat("]", 65),
	}
	for i := range 18 { // around the words that the scanner reads
		pad := strings.Repeat("x", i)
		for _, c := range []string{"\"", "\\", "\\n", "\x1f", " ", "!", "#", "[", "]", "\x80", "\xa2", "\xdc", "\xff", "\x00"} {
			docs = append(docs, `"`+pad+c+`"`, `"`+pad+c+long+`"`, `"`+long+`\n`+pad+c, `"`+pad+"\x80\x9f"+c+"\xa0"+long+`"`)
		}
	}
	return docs
}

func TestScanner(t *testing.T) {
	t.Parallel()
	for _, doc := range documents() {
		for _, text := range []string{
			doc, ` ` + doc + ` `, `[` + doc + `]`, `["a",` + doc + `]`, `["a",1,` + doc + `]`, `["a",` + doc + `,2]`,
			`["a",[` + doc + `]]`, `["a",{"b":` + doc + `}]`, `{"a":` + doc + `}`, `{"a":[` + doc + `]}`, `{` + doc + `:1}`,
		} {
			checkEvent(t, []byte(text))
			checkAuth(t, []byte(text))
		}
	}
}

// Up to MaxDepth the scanner agrees with encoding/json, past it nothing is a packet.
func TestScannerDepth(t *testing.T) {
	t.Parallel()
	for depth, ok := range map[int]bool{1: true, packet.MaxDepth: true, packet.MaxDepth + 1: false, 64: false, 65: false, 10_000: false, 100_000: false} {
		inner := depth - 1 // beside the list of arguments
		lists := strings.Repeat("[", inner) + strings.Repeat("]", inner)
		objects := strings.Repeat(`{"a":`, inner) + "1" + strings.Repeat("}", inner)
		if inner == 0 {
			lists = "2"
		}
		for _, data := range []string{`["a",` + lists + `]`, `["a",` + objects + `]`, `["a",1,` + lists + `,` + objects + `]`} {
			if _, _, err := (packet.Packet{Type: packet.Event, Data: []byte(data)}).Event(); (err == nil) != ok {
				t.Errorf("an event of %d levels: %v", depth, err)
			}
			if err := (packet.Packet{Type: packet.Ack, Data: []byte(data)}).Check(); (err == nil) != ok {
				t.Errorf("an acknowledgement of %d levels: %v", depth, err)
			}
		}
		if _, err := (packet.Packet{Type: packet.Connect, Data: []byte(`{"a":` + objects + `}`)}).Auth(); (err == nil) != ok {
			t.Errorf("a handshake of %d levels: %v", depth, err)
		}
	}
}

func TestScannerOfWhatIsNested(t *testing.T) {
	t.Parallel()
	for depth := 1; depth < packet.MaxDepth+3; depth++ {
		lists := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		objects := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
		for _, text := range []string{
			`["a",` + lists + `]`, `["a",` + objects + `]`, `[` + lists + `]`, objects,
			strings.Repeat("[", depth), strings.Repeat(`{"a":`, depth), `["a",` + lists + `,` + lists + `]`,
			strings.Repeat("[", depth) + "1" + strings.Repeat("]", depth),
			strings.Repeat("[", depth) + strings.Repeat("]", depth-1) + "}",
		} {
			checkEvent(t, []byte(text))
			checkAuth(t, []byte(text))
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, doc := range documents() {
		f.Add([]byte(`["a",` + doc + `]`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		checkEvent(t, text)
		checkAuth(t, text)
	})
}

// depthOf is how many lists and objects are inside each other in a document.
func depthOf(text []byte) (deepest int) {
	in := json.NewDecoder(bytes.NewReader(text))
	for depth := 0; ; {
		token, err := in.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
			deepest = max(deepest, depth)
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
}

// checkEvent compares Event with what encoding/json says.
func checkEvent(t *testing.T, text []byte) {
	t.Helper()
	name, arg, err := packet.Packet{Type: packet.Event, Data: text}.Event()
	var parts []json.RawMessage
	if json.Unmarshal(text, &parts) != nil || len(parts) == 0 || depthOf(text) > packet.MaxDepth || !strings.ContainsRune(`"-0123456789`, rune(parts[0][0])) {
		if !errors.Is(err, packet.ErrMalformed) {
			t.Errorf("%.300q: got %q %.300q %v, want ErrMalformed", text, name, arg, err)
		}
		return
	}
	var wantName []byte
	var wantArg json.RawMessage
	if parts[0][0] == '"' {
		var s string
		_ = json.Unmarshal(parts[0], &s)
		wantName = []byte(s)
		if len(parts) > 1 {
			wantArg = parts[1]
		}
	}
	if err != nil || !bytes.Equal(name, wantName) || (name == nil) != (wantName == nil) || !bytes.Equal(arg, wantArg) || (arg == nil) != (wantArg == nil) {
		t.Errorf("%.300q: got %q %.300q %v, want %q %.300q", text, name, arg, err, wantName, wantArg)
	}
}

// checkAuth compares Auth with what encoding/json says.
func checkAuth(t *testing.T, text []byte) {
	t.Helper()
	auth, err := packet.Packet{Type: packet.Connect, Data: text}.Auth()
	if wrong := !json.Valid(text) || text[0] != '{' || depthOf(text) > packet.MaxDepth; text != nil && wrong != errors.Is(err, packet.ErrMalformed) {
		t.Errorf("%.300q: got %v", text, err)
	}
	if err == nil && !bytes.Equal(auth, text) {
		t.Errorf("%.300q: got %.300q", text, auth)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`52-/n,7["a",{"_placeholder":true,"num":0}]`))
	f.Add([]byte(`0/n?x=1,{"a":1}`))
	f.Add([]byte(`218446744073709551615["a"]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := packet.Decode(text)
		if err != nil {
			if !errors.Is(err, packet.ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if !bytes.HasSuffix(text, p.Data) {
			t.Errorf("%q: data is %q", text, p.Data)
		}
		_, _, _ = p.Event()
		_, _ = p.Auth()
	})
}
