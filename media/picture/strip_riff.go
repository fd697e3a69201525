package picture

import (
	"encoding/binary"
	"errors"
	"slices"
)

// pngShown and webpShown are the chunks that decide how an image is shown.
var (
	pngShown = []string{
		"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI",
		"bKGD", "pHYs", "acTL", "fcTL", "fdAT",
	}
	webpShown = []string{"VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"}
)

func (s *stripper) startPNG() error {
	b, err := s.in.Peek(len(pngMagic))
	if err != nil || string(b) != pngMagic {
		return s.giveUp(errors.Join(err, ErrUnreadable))
	}
	s.pass, s.step = int64(len(pngMagic)), s.chunkOfPNG
	return nil
}

func (s *stripper) chunkOfPNG() error {
	const around = 12 // length, name and checksum
	b, err := s.in.Peek(8)
	if err != nil {
		return s.giveUp(err)
	}
	length, name := int64(binary.BigEndian.Uint32(b)), string(b[4:])
	if length > 1<<30 {
		return s.rest()
	}
	if name == "IEND" {
		s.step = s.end
	}
	if slices.Contains(pngShown, name) {
		s.pass = around + length
		return nil
	}
	return skip(s.in, around+int(length))
}

// webpStripper keeps the length of the file, which is told at its start: what is left out of it is
// blank.
type webpStripper struct {
	*stripper
	left int64 // bytes of the file, as it says
}

func (s *webpStripper) start() error {
	b, err := s.in.Peek(riffHeader)
	if err != nil || !matches(b, "RIFF????WEBP") {
		return s.giveUp(errors.Join(err, ErrUnreadable))
	}
	s.left = int64(binary.LittleEndian.Uint32(b[4:])) - 4
	s.pass, s.step = riffHeader, s.chunk
	return nil
}

func (s *webpStripper) chunk() error {
	if s.left < chunkHeader {
		s.blank, s.step = max(0, s.left), s.end
		return nil
	}
	c, err := peekChunk(s.in)
	if err != nil {
		return s.giveUp(err)
	}
	length := min(chunkHeader+c.padded(), s.left)
	s.left -= length
	switch {
	case c.name == "VP8X" && c.length == canvasSize && length == chunkHeader+canvasSize:
		b, err := s.in.Peek(int(length))
		if err != nil {
			return s.giveUp(err)
		}
		s.out = append(s.buf[:0], b...)
		s.out[chunkHeader] &^= flagEXIF | flagXMP
		return skip(s.in, int(length))
	case slices.Contains(webpShown, c.name):
		s.pass = length
		return nil
	}
	s.out = binary.LittleEndian.AppendUint32(append(s.buf[:0], "JUNK"...), uint32(c.length))
	s.blank = length - chunkHeader
	return skip(s.in, chunkHeader)
}
