package packet

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101 // in every byte of a word
	highs = 0x8080808080808080
)

// scalar scans a value that holds no others.
func scalar(data []byte, i int) int {
	switch at(data, i) {
	case '"':
		return str(data, i)
	case 't':
		return literal(data, i, "true")
	case 'f':
		return literal(data, i, "false")
	case 'n':
		return literal(data, i, "null")
	}
	return number(data, i)
}

func literal(data []byte, i int, word string) int {
	if end := i + len(word); end <= len(data) && string(data[i:end]) == word {
		return end
	}
	return bad
}

func number(data []byte, i int) int {
	if at(data, i) == '-' {
		i++
	}
	whole := digits(data, i)
	if whole == i || (data[i] == '0' && whole > i+1) {
		return bad
	}
	i = whole
	if at(data, i) == '.' {
		fraction := digits(data, i+1)
		if fraction == i+1 {
			return bad
		}
		i = fraction
	}
	if c := at(data, i); c == 'e' || c == 'E' {
		i++
		if sign := at(data, i); sign == '+' || sign == '-' {
			i++
		}
		exponent := digits(data, i)
		if exponent == i {
			return bad
		}
		i = exponent
	}
	return i
}

// str scans a string; its opening quote is at i.
func str(data []byte, i int) int {
	i = plain(data, i+1)
	for at(data, i) == '\\' {
		if i = escape(data, i); i == bad {
			return bad
		}
		i = plain(data, i)
	}
	if at(data, i) != '"' {
		return bad
	}
	return i + 1
}

func escape(data []byte, i int) int {
	switch at(data, i+1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for n := i + 2; n < i+6; n++ {
			c := at(data, n)
			if letter := c | 0x20; (c < '0' || c > '9') && (letter < 'a' || letter > 'f') {
				return bad
			}
		}
		return i + 6
	}
	return bad
}

// plain returns where the first byte is that doesn't stand for itself in a string: a
// quote, a backslash or a control character. It looks at eight bytes at once: a byte
// is smaller than n if subtracting n borrows from its highest bit, which was not set.
// What a borrow spoils is only in bytes after the one that is found.
func plain(data []byte, i int) int {
	for ; len(data)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quotes, slashes := w^(ones*'"'), w^(ones*'\\')
		found := ((w-ones*' ')&^w | (quotes-ones)&^quotes | (slashes-ones)&^slashes) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

func digits(data []byte, i int) int {
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	return i
}
