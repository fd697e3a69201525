package packet

// The scanner accepts what encoding/json accepts: the grammar of RFC 8259 with strings
// that need not be UTF-8, nested no deeper than maxDepth. Its functions take where
// something begins and return where it has ended, or bad when it is none of its kind.
// They don't recurse and need no memory.

const (
	maxDepth = 10_000
	bad      = -1
)

// elements returns the first two elements of a list, as far as there are any. It is not
// ok when data isn't a list and nothing else.
func elements(data []byte) (first, second []byte, ok bool) {
	i := space(data, 0)
	if at(data, i) != '[' {
		return nil, nil, false
	}
	i = space(data, i+1)
	for n := 0; n > 0 || at(data, i) != ']'; n++ {
		end := value(data, i, maxDepth-1)
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
	end := value(data, 0, maxDepth)
	return end != bad && space(data, end) == len(data)
}

// isValue is whether data is one value and nothing else.
func isValue(data []byte) bool {
	end := value(data, space(data, 0), maxDepth-1)
	return end != bad && space(data, end) == len(data)
}

// value scans a value that holds at most levels of nesting. Its stack is one word, so
// that goroutines that only ever read what clients write stay small.
func value(data []byte, i, levels int) int {
	var stack [1]uint64
	return walk(data, i, levels, stack[:])
}

// deepValue is value with a stack for all that may come. Inlined, that would be in every
// goroutine.
//
//go:noinline
func deepValue(data []byte, i, levels int) int {
	var stack [(maxDepth + 63) / 64]uint64
	return walk(data, i, levels, stack[:])
}

// walk scans a value. The stack has one bit for each list or object it is in, set for
// an object.
func walk(data []byte, i, levels int, stack []uint64) int {
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
			case depth == 64*len(stack):
				i = deepValue(data, i, levels-depth)
			case c == '{':
				stack[depth/64] |= 1 << (depth % 64)
				depth++
				i = key(data, inner)
				continue next
			default:
				stack[depth/64] &^= 1 << (depth % 64)
				depth++
				i = inner
				continue next
			}
		}
		for i != bad && depth > 0 {
			i = space(data, i)
			c, end := at(data, i), byte(']')
			object := stack[(depth-1)/64]>>((depth-1)%64)&1 == 1
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
