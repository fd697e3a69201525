package picture

import (
	"bufio"
	"encoding/binary"
	"fmt"
)

// Markers of JPEG, ITU T.81 table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1 // EXIF, XMP
	markerAPP2  = 0xe2 // colour profiles
	markerAPP14 = 0xee // Adobe's: how colours are to be read
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// segmentSize is more than any segment of a JPEG has, with what stands before it.
const segmentSize = 65 << 10

// segment is a marker and the length of what it brings.
type segment struct {
	marker byte
	head   int // bytes of the marker and the length
	length int // bytes behind them; 0 where there are none
}

// maxFill is the most bytes of 0xff before a marker; there may be any number, and hardly ever are.
const maxFill = 256

// peekSegment takes no stray bytes before a marker, where decoders differ: what is seen here
// is what they see.
func peekSegment(r *bufio.Reader) (segment, error) {
	for n := 2; n < maxFill; n++ {
		b, err := r.Peek(n)
		if err != nil {
			return segment{}, err
		}
		m := b[n-1]
		switch {
		case b[0] != 0xff:
			return segment{}, fmt.Errorf("%w: a marker is missing", ErrUnreadable)
		case m == 0xff:
			continue
		case m == markerEOI:
			return segment{marker: m, head: n}, nil
		case m < markerSOF0 || markerRST0 <= m && m <= markerRST7:
			return segment{}, fmt.Errorf("%w: marker %#x", ErrUnreadable, m)
		}
		if b, err = r.Peek(n + 2); err != nil {
			return segment{}, err
		}
		length := int(binary.BigEndian.Uint16(b[n:])) - 2
		if length < 0 {
			return segment{}, fmt.Errorf("%w: a segment of no length", ErrUnreadable)
		}
		return segment{m, n + 2, length}, nil
	}
	return segment{}, fmt.Errorf("%w: no marker", ErrUnreadable)
}

func jpegHead(r *bufio.Reader) (head, error) {
	if err := skip(r, 2); err != nil {
		return head{}, err
	}
	var turn turn
	for {
		s, err := peekSegment(r)
		if err != nil {
			return head{}, err
		}
		if err := skip(r, s.head); err != nil {
			return head{}, err
		}
		switch m := s.marker; {
		case m == markerSOF0 || m == markerSOF1 || m == markerSOF2:
			h, err := frameHead(r, s)
			h.turn = turn
			return h, err
		case m == markerAPP1 && turn == 0:
			payload, err := r.Peek(s.length)
			if err != nil {
				return head{}, err
			}
			turn = exifTurn(payload)
		case m == markerDHT || m == markerDQT || m == markerDRI || m == markerCOM || markerAPP0 <= m && m <= markerAPP15:
		default:
			return head{}, fmt.Errorf("%w: marker %#x before a frame", ErrUnreadable, m)
		}
		if err := skip(r, s.length); err != nil {
			return head{}, err
		}
	}
}

// frameHead is what a frame of a JPEG says: T.81, B.2.2.
func frameHead(r *bufio.Reader, s segment) (head, error) {
	b, err := r.Peek(s.length)
	if err != nil {
		return head{}, err
	}
	if len(b) < 9 || len(b) != 6+3*int(b[5]) || b[0] != 8 {
		return head{}, fmt.Errorf("%w: a frame of a kind that is not decoded", ErrUnreadable)
	}
	h := head{height: int(binary.BigEndian.Uint16(b[1:])), width: int(binary.BigEndian.Uint16(b[3:]))}
	components := b[6:]
	across, down := int64(components[1]>>4), int64(components[1]&15)
	if across == 0 || down == 0 {
		return head{}, fmt.Errorf("%w: no sampling", ErrUnreadable)
	}
	units := (int64(h.width)/(8*across) + 1) * (int64(h.height)/(8*down) + 1)
	for ; len(components) > 0; components = components[3:] {
		h.memory += units * 64 * int64(components[1]>>4) * int64(components[1]&15)
	}
	if s.marker == markerSOF2 {
		h.memory *= 5 // all coefficients, of four bytes each, until the last scan
	}
	// Pictures in RGB and CMYK are put together from planes.
	if b[5] == 4 || b[5] == 3 && b[6] == 'R' {
		h.memory += 4 * int64(h.width) * int64(h.height)
	}
	return h, nil
}
