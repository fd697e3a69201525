package packet

import (
	"bytes"
	"encoding/json"
)

// object is one that is being scanned.
type object struct {
	placeholder bool // it says that it is one
	numbered    bool // it has the number of an attachment
}

// placeholders looks in valid JSON for objects that stand for an attachment, of which
// there are n. It is not ok when one stands for none of them. Of members with the same
// name the last one counts, as in JavaScript.
func placeholders(data []byte, n int) (found, ok bool) {
	var open []object // around i; a list can't have members of its own
	for i := 0; i < len(data); {
		switch data[i] {
		case '{':
			open = append(open, object{})
			i++
		case '}':
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if last.placeholder && !last.numbered {
				return true, false
			}
			found = found || last.placeholder
			i++
		case '"':
			end := str(data, i)
			value := space(data, end)
			if at(data, value) != ':' {
				i = end
				continue
			}
			value = space(data, value+1)
			switch o := &open[len(open)-1]; unquote(data[i:end]) {
			case "_placeholder":
				o.placeholder = literal(data, value, "true") != bad
			case "num":
				o.numbered = isBelow(data, value, n)
			}
			i = value
		default:
			i++
		}
	}
	return found, true
}

// unquote returns what a string says that could be a member's name of a placeholder.
func unquote(quoted []byte) (s string) {
	switch {
	case len(quoted) > len(`"_placeholder"`)*len(`\u005f`):
		return ""
	case bytes.IndexByte(quoted, '\\') >= 0:
		_ = json.Unmarshal(quoted, &s) // it is valid
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// isBelow is whether the value at i is a number, written in digits, that is less than n.
func isBelow(data []byte, i, n int) bool {
	end := number(data, i)
	if end == bad {
		return false
	}
	num, rest, ok := leadingUint(data[i:end])
	return ok && len(rest) == 0 && num < uint64(n)
}
