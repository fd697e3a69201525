package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
)

// jpegStripper goes from segment to segment, and through the scans between them.
type jpegStripper struct {
	*stripper
	turned  bool // its EXIF was seen
	scanned bool // a scan was
}

func (s *jpegStripper) start() error {
	b, err := s.in.Peek(2)
	if err != nil || string(b) != "\xff\xd8" {
		return s.giveUp(errors.Join(err, ErrUnreadable))
	}
	s.pass, s.step = 2, s.segment
	return nil
}

// segment hands the next segment on, or skips it.
func (s *jpegStripper) segment() error {
	next, err := peekSegment(s.in)
	if err != nil {
		return s.giveUp(err)
	}
	b, err := s.in.Peek(next.head + next.length)
	if err != nil {
		return s.giveUp(err)
	}
	payload := b[next.head:]
	if s.step = s.segment; next.marker == markerSOS || s.scanned {
		s.step, s.scanned = s.scan, true
	}
	switch {
	case next.marker == markerEOI:
		s.step = s.end
		s.out = append(s.buf[:0], 0xff, markerEOI)
	case next.marker == markerAPP1 && !s.turned && bytes.HasPrefix(payload, []byte(exifMagic)):
		s.turned = true
		if t := exifTurn(payload); t > 1 {
			exif := minimalEXIF(t)
			s.out = append(s.opened(next.marker, len(exif)), exif...)
		}
	case shown(next.marker, payload):
		s.out, s.pass = s.opened(next.marker, next.length), int64(next.length)
		return skip(s.in, next.head)
	}
	return skip(s.in, next.head+next.length)
}

// opened is how a segment begins.
func (s *jpegStripper) opened(marker byte, length int) []byte {
	return binary.BigEndian.AppendUint16(append(s.buf[:0], 0xff, marker), uint16(length+2))
}

// shown reports whether a segment decides how an image is shown.
func shown(marker byte, payload []byte) bool {
	switch {
	case marker == markerAPP0:
		return bytes.HasPrefix(payload, []byte("JFIF\x00"))
	case marker == markerAPP2:
		return bytes.HasPrefix(payload, []byte("ICC_PROFILE\x00"))
	case marker == markerAPP14:
		return bytes.HasPrefix(payload, []byte("Adobe"))
	case markerAPP0 < marker && marker <= markerAPP15 || marker == markerCOM:
		return false
	default:
		return true
	}
}

// scan passes what is between segments, up to the next marker: coded pixels, and stray bytes,
// which decoders skip.
func (s *jpegStripper) scan() error {
	b, err := s.in.Peek(1)
	if err != nil {
		return err
	}
	if b[0] == 0xff {
		return s.marker()
	}
	b, err = s.in.ReadSlice(0xff)
	s.out = b
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil
	case err != nil:
		return err
	}
	s.out = b[:len(b)-1]
	return s.in.UnreadByte()
}

// marker is at 0xff within a scan, which begins a segment or belongs to the pixels.
func (s *jpegStripper) marker() error {
	b, err := s.in.Peek(2)
	if err != nil {
		return s.giveUp(err)
	}
	switch m := b[1]; {
	case m == 0xff: // a fill byte
		s.out = append(s.buf[:0], m)
		return skip(s.in, 1)
	case m < markerSOF0 || markerRST0 <= m && m <= markerRST7:
		s.out = append(s.buf[:0], b...)
		return skip(s.in, 2)
	}
	return s.segment()
}
