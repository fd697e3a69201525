package packet

// The scanner accepts what encoding/json accepts: the grammar of RFC 8259 with strings
// that need not be UTF-8, but nested no deeper than MaxDepth. Its functions take where
// something begins and return where it has ended, or bad when it is none of its kind.
// They don't recurse and need no memory.

// MaxDepth is how many lists and objects may be inside each other, the list of an event's
// arguments included. What clients say has three. Whatever decodes it after us recurses, and
// need not fear for its stack. It has to fit into the stack of value.
const MaxDepth = 32

const bad = -1

// elements returns the first two elements of a list, as far as there are any. It is not
// ok when data isn't a list and nothing else.
func elements(data []byte) (first, second []byte, ok bool) {
	i := space(data, 0)
	if at(data, i) != '[' {
		return nil, nil, false
	}
	i = space(data, i+1)
	for n := 0; n > 0 || at(data, i) != ']'; n++ {
		end := value(data, i, MaxDepth-1)
		if end == bad {
			return nil, nil, false
		}
		switch n {
		case 0:
			first = data[i:end:end]
		case 1:
			second = data[i:end:end]
		}
		if i = space(data, end); at(data, i) != ',' {
			break
		}
		i = space(data, i+1)
	}
	return first, second, at(data, i) == ']' && space(data, i+1) == len(data)
}

// isObject is whether data is one object, beginning with the first byte.
func isObject(data []byte) bool {
	if at(data, 0) != '{' {
		return false
	}
	end := value(data, 0, MaxDepth)
	return end != bad && space(data, end) == len(data)
}

// isValue is whether data is one value and nothing else.
func isValue(data []byte) bool {
	end := value(data, space(data, 0), MaxDepth-1)
	return end != bad && space(data, end) == len(data)
}

// value scans a value that holds at most levels of nesting. Its stack is one word, so that
// goroutines that only ever read what clients write stay small: it has one bit for each list
// or object that i is in, set for an object.
func value(data []byte, i, levels int) int {
	var stack uint64
	depth := 0
next:
	for i != bad {
		c := at(data, i)
		switch c {
		default:
			i = scalar(data, i)
		case '{', '[':
			inner := space(data, i+1)
			switch {
			case depth == levels:
				return bad
			case at(data, inner) == c+2: // '}' or ']'
				i = inner + 1
			case c == '{':
				stack |= 1 << depth
				depth++
				i = key(data, inner)
				continue next
			default:
				stack &^= 1 << depth
				depth++
				i = inner
				continue next
			}
		}
		for i != bad && depth > 0 {
			i = space(data, i)
			c, end := at(data, i), byte(']')
			object := stack>>(depth-1)&1 == 1
			if object {
				end = '}'
			}
			switch {
			case c == end:
				i++
				depth--
			case c != ',':
				return bad
			default:
				i = space(data, i+1)
				if object {
					i = key(data, i)
				}
				continue next
			}
		}
		return i
	}
	return bad
}

// key scans the name of an object's member, and on to where the value begins.
func key(data []byte, i int) int {
	if at(data, i) != '"' {
		return bad
	}
	if i = str(data, i); i == bad {
		return bad
	}
	if i = space(data, i); at(data, i) != ':' {
		return bad
	}
	return space(data, i+1)
}

func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// at is 0 behind the end, as no byte is that could go on there.
func at(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}
