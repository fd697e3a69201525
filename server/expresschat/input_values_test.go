package expresschat_test

import (
	"slices"
	"strings"

	"expresschat/auth"
)

// The kinds of fields that clients fill in, in the order of the table's columns.
var kinds = []string{"chat", "user", "member", "content", "client", "name", "description", "people", "text", "seq", "cursor", "room", "status", "upload"}

// value is one bad input for a field, as JSON, and what comes of it in each kind of field.
type value struct {
	// cells are of the kinds: ok, - where the row says nothing new of that kind, or what
	// outcomes has.
	cells string
	name  string
	json  func(w *askers) string
}

// outcomes are the codes that the cells stand for.
var outcomes = map[string]string{
	"bad": "bad-input", "chat": "no-such-chat", "user": "no-such-user", "out": "not-a-member",
	"text": "bad-content", "name": "bad-name", "desc": "bad-description", "full": "group-full",
	"self": "oneself", "file": "no-file",
}

const mebibyte = 1 << 20

// A string of almost the length that a frame may have.
var huge = strings.Repeat("x", mebibyte-512)

// values is every value in every kind of field. A chat is a personal one or a group; a
// member is a user as the target of kickout and change-admin.
var values = []value{
	// chat user memb cont cli  name desc peop text seq  cursor room status upload
	{"bad  bad  bad  text ok   name ok   ok   ok   ok   ok   bad  bad  ok  ", "absent", is("")},
	{"bad  bad  bad  text ok   name ok   ok   ok   ok   ok   bad  bad  ok  ", "null", is("null")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  ok   ok   bad  bad  bad ", "a number", is("1")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  ok   ok   bad  bad  bad ", "zero", is("0")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a negative number", is("-1")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "the smallest integer", is("-9223372036854775808")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  ok   ok   bad  bad  bad ", "the largest integer", is("9223372036854775807")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "an integer too large", is("9223372036854775808")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a fraction", is("1.5")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a number too large", is("1e400")},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "true", is("true")},
	{"bad  bad  bad  bad  bad  bad  bad  ok   bad  bad  bad  bad  bad  bad ", "an empty list", is("[]")},
	{"bad  bad  bad  bad  bad  bad  bad  user bad  bad  bad  bad  bad  bad ", "a list", is(`["x"]`)},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "an object", is(`{"x":1}`)},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a prototype", is(`{"__proto__":{"x":1},"constructor":{"prototype":{}}}`)},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a deep list", is(strings.Repeat("[", 30) + strings.Repeat("]", 30))},
	{"bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad  bad ", "a deep object", is(strings.Repeat(`{"x":`, 30) + "1" + strings.Repeat("}", 30))},
	{"bad  bad  bad  text ok   name ok   bad  ok   bad  bad  bad  bad  ok  ", "an empty string", is(`""`)},
	{"chat user user ok   ok   name ok   bad  ok   bad  bad  chat bad  file", "spaces", is(`"  "`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "text", is(`"5"`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "a reserved word", is(`"__proto__"`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "SQL", is(`"%' OR 1=1; --\\_"`)},
	{"chat user user text bad  name desc bad  ok   bad  bad  chat bad  file", "a huge string", is(`"` + huge + `"`)},
	{"chat user user text bad  name desc bad  ok   bad  bad  chat bad  file", "NUL", is(`"a\u0000b"`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "half of a pair", is(`"\ud800"`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "the other half", is(`"x\udc00x"`)},
	{"chat user user ok   ok   ok   ok   bad  ok   bad  bad  chat bad  file", "a line end and a direction", is(`"x\u2028\u202e"`)},
	{"chat user user ok   ok   name ok   bad  ok   bad  bad  chat bad  file", "control characters", is(`"x\u0007\u001b[2J"`)},

	{"chat user out  -    -    -    -    -    -    -    -    chat -    file", "an unknown id", id(func(*askers) string { return auth.NewID() })},
	{"chat user out  -    -    -    -    -    -    -    -    chat -    -   ", "no id at all", id(func(*askers) string { return "00000000-0000-0000-0000-000000000000" })},
	{"chat user out  -    -    -    -    -    -    -    -    chat -    file", "a message", id(func(w *askers) string { return w.message })},
	{"chat user out  -    -    -    -    -    -    -    -    ok   -    -   ", "the other kind of chat", id(func(w *askers) string { return w.otherChat })},
	{"chat self self -    -    -    -    -    -    -    -    ok   -    -   ", "oneself", id(func(w *askers) string { return string(w.me.id) })},
	{"chat -    out  -    -    -    -    -    -    -    -    chat -    -   ", "a stranger", id(func(w *askers) string { return string(w.stranger.id) })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    -   ", "upper case", id(func(w *askers) string { return strings.ToUpper(w.good) })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    -   ", "braces", id(func(w *askers) string { return "{" + w.good + "}" })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    -   ", "a URN", id(func(w *askers) string { return "urn:uuid:" + w.good })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    -   ", "no hyphens", id(func(w *askers) string { return strings.ReplaceAll(w.good, "-", "") })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    -   ", "a space", id(func(w *askers) string { return w.good + " " })},
	{"chat user user -    -    -    -    -    -    -    -    chat -    file", "NUL behind it", id(func(w *askers) string { return w.good + "\x00" })},

	{"-    -    -    -    -    -    -    bad  -    -    -    -    -    -   ", "one is a number", people(func(w *askers) []any { return []any{w.stranger.id, 5} })},
	{"-    -    -    -    -    -    -    bad  -    -    -    -    -    -   ", "one is null", people(func(w *askers) []any { return []any{w.stranger.id, nil} })},
	{"-    -    -    -    -    -    -    bad  -    -    -    -    -    -   ", "one is empty", people(func(w *askers) []any { return []any{w.stranger.id, ""} })},
	{"-    -    -    -    -    -    -    bad  -    -    -    -    -    -   ", "one is a list", people(func(w *askers) []any { return []any{[]any{w.stranger.id}} })},
	{"-    -    -    -    -    -    -    user -    -    -    -    -    -   ", "one is unknown", people(func(w *askers) []any { return []any{w.stranger.id, auth.NewID()} })},
	{"-    -    -    -    -    -    -    user -    -    -    -    -    -   ", "one is a group", people(func(w *askers) []any { return []any{w.group} })},
	{"-    -    -    -    -    -    -    user -    -    -    -    -    -   ", "one is in upper case", people(func(w *askers) []any { return []any{strings.ToUpper(string(w.stranger.id))} })},
	{"-    -    -    -    -    -    -    user -    -    -    -    -    -   ", "a huge one", people(func(*askers) []any { return []any{huge} })},
	{"-    -    -    -    -    -    -    ok   -    -    -    -    -    -   ", "only oneself", people(func(w *askers) []any { return []any{w.me.id} })},
	{"-    -    -    -    -    -    -    ok   -    -    -    -    -    -   ", "10,000 times the same", people(func(w *askers) []any { return slices.Repeat([]any{w.stranger.id}, 10_000) })},
	{"-    -    -    -    -    -    -    full -    -    -    -    -    -   ", "10,000", people(func(*askers) []any {
		ids := make([]any, 10_000)
		for i := range ids {
			ids[i] = auth.NewID()
		}
		return ids
	})},
}

func is(text string) func(*askers) string { return func(*askers) string { return text } }

func id(of func(*askers) string) func(*askers) string {
	return func(w *askers) string { return toJSON(w.T, of(w)) }
}

func people(of func(*askers) []any) func(*askers) string {
	return func(w *askers) string { return toJSON(w.T, of(w)) }
}
