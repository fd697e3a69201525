package payload

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Revision 3 has two forms of a body. Clients that can read bytes from a response get
// the binary form from other servers when a packet is binary, unless they ask for
// base64 (b64=1). The text form is right for all clients and all packets, so it is the
// only one that is written here. Clients post the binary form when a packet of theirs is
// binary, with the content type application/octet-stream.

const (
	// maxDigits bounds the length of one packet in digits.
	maxDigits = 10

	highs = 0x8080808080808080 // in every byte of a word

	// What begins a packet of the binary form, and what ends its length.
	binaryText   = 0
	binaryBinary = 1
	lengthEnd    = 0xff
)

// Next3 takes the first packet off a body of revision 3 in its text form, which is
// UTF-8. It is called as Next4 is.
func Next3(body []byte) (p Packet, rest []byte, err error) {
	units, rest, err := length(body, '0', ':')
	if err != nil {
		return Packet{}, nil, err
	}
	size := sizeOf(units, rest)
	if size < 0 {
		return Packet{}, nil, fmt.Errorf("%w: length does not fit", ErrMalformed)
	}
	if p, err = Decode3(rest[:size:size]); err != nil {
		return Packet{}, nil, err
	}
	return p, rest[size:], nil
}

// Next3Binary takes the first packet off a body of revision 3 in its binary form. It
// is called as Next4 is.
func Next3Binary(body []byte) (p Packet, rest []byte, err error) {
	if len(body) == 0 || body[0] > binaryBinary {
		return Packet{}, nil, fmt.Errorf("%w: neither text nor bytes", ErrMalformed)
	}
	size, rest, err := length(body[1:], 0, lengthEnd)
	if err != nil {
		return Packet{}, nil, err
	}
	if size > uint64(len(rest)) {
		return Packet{}, nil, fmt.Errorf("%w: length does not fit", ErrMalformed)
	}
	packet, rest := rest[:size:size], rest[size:]
	if body[0] == binaryText {
		p, err = Decode3(packet)
	} else {
		p, err = Decode3Binary(packet)
	}
	if err != nil {
		return Packet{}, nil, err
	}
	return p, rest, nil
}

// Append3 appends the text of a packet, in UTF-8, to a body of revision 3 in its text
// form.
func Append3(body, text []byte) []byte {
	body = strconv.AppendUint(body, uint64(unitsOf(text)), 10)
	return append(append(body, ':'), text...)
}

// AppendBinary3 appends a binary packet to a body of revision 3 in its text form.
func AppendBinary3(body []byte, t Type, data []byte) []byte {
	body = strconv.AppendUint(body, uint64(2+base64.StdEncoding.EncodedLen(len(data))), 10)
	body = append(body, ':', 'b', '0'+byte(t))
	return base64.StdEncoding.AppendEncode(body, data)
}

// length reads a length with its digits from zero on, and the end behind them.
func length(body []byte, zero, end byte) (n uint64, rest []byte, err error) {
	for i, c := range body {
		if c == end && i > 0 {
			return n, body[i+1:], nil
		}
		digit := c - zero // what is below zero becomes large
		if digit > 9 || i == maxDigits {
			break
		}
		n = n*10 + uint64(digit)
	}
	return 0, nil, fmt.Errorf("%w: length", ErrMalformed)
}

// sizeOf is how many bytes at the beginning of text are so many units of UTF-16, which
// is what revision 3 counts: its packets are JavaScript's strings. It is negative when
// text is shorter, is not UTF-8, or has only half of the last character in it.
func sizeOf(units uint64, text []byte) int {
	i := 0
	for units > 0 {
		for ; units >= 8 && isASCII8(text[i:]); i += 8 {
			units -= 8
		}
		if units == 0 {
			break
		}
		r, size := utf8.DecodeRune(text[i:])
		n := uint64(1)
		if r > 0xffff {
			n = 2
		}
		if (r == utf8.RuneError && size <= 1) || n > units {
			return -1
		}
		units -= n
		i += size
	}
	return i
}

// unitsOf is the length of text in units of UTF-16: every byte counts but those inside
// of characters, 10xxxxxx, and one that begins four bytes, 11110xxx, counts twice.
func unitsOf(text []byte) int {
	units := 0
	for _, c := range text {
		if c&0xc0 != 0x80 {
			units++
		}
		if c >= 0xf0 {
			units++
		}
	}
	return units
}

func isASCII8(text []byte) bool {
	return len(text) >= 8 && binary.LittleEndian.Uint64(text)&highs == 0
}
