package e2e

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Short names for JSON, in what is sent and in what is expected.
type (
	obj  = map[string]any
	list = []any
)

// exact is an object that has no keys but these. A plain obj may have more, as the
// protocol lets the server say more.
type exact obj

// each is a list of things that are all alike, as long as it may be.
type each struct{ like any }

// orNull is null or something.
type orNull struct{ like any }

// rule is an expectation that is not one plain value.
type rule struct {
	says string
	ok   func(any) bool
}

// What is expected of values that a test can't know.
var (
	someText   = rule{"a text that is not empty", func(v any) bool { s, ok := v.(string); return ok && s != "" }}
	someNumber = rule{"a number over zero", func(v any) bool { n, ok := v.(float64); return ok && n > 0 }}
	isoTime    = rule{"an ISO time in UTC with milliseconds", matches(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)}
	domID      = rule{"an id of letters, digits, _ and -", matches(`^[A-Za-z0-9_-]+$`)}
)

func matches(pattern string) func(any) bool {
	compiled := regexp.MustCompile(pattern)
	return func(v any) bool { s, ok := v.(string); return ok && compiled.MatchString(s) }
}

// mismatch tells where got, decoded from JSON, is not what is wanted; it is empty if
// all is well. path says where in the payload we are.
func mismatch(path string, want, got any) string {
	switch w := want.(type) {
	case rule:
		if !w.ok(got) {
			return fmt.Sprintf("%s: want %s, got %#v", at(path), w.says, got)
		}
	case obj:
		return objectMismatch(path, w, got, false)
	case exact:
		return objectMismatch(path, w, got, true)
	case list:
		return listMismatch(path, w, got)
	case each:
		g, _ := got.(list)
		return listMismatch(path, slices.Repeat(list{w.like}, len(g)), got)
	case orNull:
		if got != nil {
			return mismatch(path, w.like, got)
		}
	case int:
		if got != float64(w) {
			return fmt.Sprintf("%s: want the number %d, got %#v", at(path), w, got)
		}
	default:
		if want != got {
			return fmt.Sprintf("%s: want %#v, got %#v", at(path), want, got)
		}
	}
	return ""
}

func objectMismatch(path string, want map[string]any, got any, whole bool) string {
	g, ok := got.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s: want an object, got %#v", at(path), got)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, ok := g[key]
		if !ok {
			return fmt.Sprintf("%s: no key %s", at(path), key)
		}
		if why := mismatch(path+"."+key, want[key], value); why != "" {
			return why
		}
	}
	if whole && len(g) != len(want) {
		return fmt.Sprintf("%s: want only the keys %v, got %v", at(path),
			slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(g)))
	}
	return ""
}

func listMismatch(path string, want list, got any) string {
	g, ok := got.([]any)
	if !ok {
		return fmt.Sprintf("%s: want a list, got %#v", at(path), got)
	}
	if len(g) != len(want) {
		return fmt.Sprintf("%s: want %d entries, got %d: %v", at(path), len(want), len(g), g)
	}
	for i := range want {
		if why := mismatch(fmt.Sprintf("%s[%d]", path, i), want[i], g[i]); why != "" {
			return why
		}
	}
	return ""
}

func at(path string) string {
	if path == "" {
		return "payload"
	}
	return strings.TrimPrefix(path, ".")
}
