package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"
)

const (
	riffHeader  = 12 // RIFF, the size, WEBP
	chunkHeader = 8
	canvasSize  = 10 // of a VP8X chunk
	frameHeader = 16 // of an ANMF chunk

	flagAlpha = 1 << 4 // of VP8X
	flagEXIF  = 1 << 3
	flagXMP   = 1 << 2
)

// chunk is one of a RIFF file, whose content is still to be read.
type chunk struct {
	name   string
	length int64
}

func (c chunk) padded() int64 { return c.length + c.length&1 }

func peekChunk(r *bufio.Reader) (chunk, error) {
	b, err := r.Peek(chunkHeader)
	if err != nil {
		return chunk{}, err
	}
	return chunk{string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))}, nil
}

// skipChunk goes on after c, which is as long as what is sent can be.
func skipChunk(r *bufio.Reader, c chunk) error {
	if c.length > 1<<30 {
		return fmt.Errorf("%w: a chunk of %d bytes", ErrUnreadable, c.length)
	}
	return skip(r, chunkHeader+int(c.padded()))
}

// webpHead is about the canvas, and goes as far as the first image, which tells what decoding takes.
func webpHead(r *bufio.Reader) (head, error) {
	if err := skip(r, riffHeader); err != nil {
		return head{}, err
	}
	first, err := peekChunk(r)
	if err != nil {
		return head{}, err
	}
	if first.name != "VP8X" {
		return stillHead(r, first)
	}
	b, err := r.Peek(chunkHeader + canvasSize)
	if err != nil {
		return head{}, err
	}
	if first.length != canvasSize {
		return head{}, fmt.Errorf("%w: a canvas of %d bytes", ErrUnreadable, first.length)
	}
	h := head{width: 1 + uint24(b[12:]), height: 1 + uint24(b[15:])}
	for c := first; ; {
		if err := skipChunk(r, c); err != nil {
			return head{}, err
		}
		if c, err = peekChunk(r); err != nil {
			return head{}, err
		}
		name := c.name
		if name == "ANMF" {
			b, err := r.Peek(chunkHeader + frameHeader + 4)
			if err != nil {
				return head{}, err
			}
			name = string(b[chunkHeader+frameHeader:])
		}
		if n := webpPixel(name); n > 0 {
			h.memory = n * int64(h.width) * int64(h.height)
			return h, nil
		}
	}
}

// webpPixel is how many bytes a pixel takes, if a chunk of that name begins an image. Lossless ones,
// and those with an alpha channel, are unpacked as such into a copy.
func webpPixel(name string) int64 {
	switch name {
	case "VP8 ":
		return 2
	case "VP8L", "ALPH":
		return 10
	default:
		return 0
	}
}

func stillHead(r *bufio.Reader, c chunk) (h head, err error) {
	switch c.name {
	case "VP8 ":
		b, err := r.Peek(chunkHeader + 10)
		if err != nil {
			return head{}, err
		}
		b = b[chunkHeader:]
		if b[0]&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" {
			return head{}, fmt.Errorf("%w: no key frame", ErrUnreadable)
		}
		h.width, h.height = int(binary.LittleEndian.Uint16(b[6:]))&0x3fff, int(binary.LittleEndian.Uint16(b[8:]))&0x3fff
	case "VP8L":
		b, err := r.Peek(chunkHeader + 5)
		if err != nil {
			return head{}, err
		}
		if b[chunkHeader] != 0x2f {
			return head{}, fmt.Errorf("%w: no lossless image", ErrUnreadable)
		}
		bits := int(binary.LittleEndian.Uint32(b[chunkHeader+1:]))
		h.width, h.height = 1+bits&0x3fff, 1+bits>>14&0x3fff
	default:
		return head{}, fmt.Errorf("%w: a file of %q", ErrUnreadable, c.name)
	}
	h.memory = webpPixel(c.name) * int64(h.width) * int64(h.height)
	return h, nil
}

// decodeWebP is the first image of r, and where on its canvas it is. No decoder is told of more
// bytes than there are: it would make room for them.
func decodeWebP(in *source) (image.Image, image.Point, error) {
	size, err := in.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, image.Point{}, err
	}
	at, frame, err := firstFrame(in, size)
	if err != nil {
		return nil, image.Point{}, err
	}
	if frame != nil {
		m, err := webp.Decode(frame)
		return m, at, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, image.Point{}, err
	}
	m, err := webp.Decode(in)
	return m, image.Point{}, err
}

// firstFrame is that of an animation as a file of its own, which the decoder knows, or nil of an
// image that does not move.
func firstFrame(in *source, size int64) (at image.Point, frame io.Reader, err error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return at, nil, err
	}
	r := bufio.NewReader(in)
	b, err := r.Peek(riffHeader)
	if err != nil {
		return at, nil, err
	}
	if int64(binary.LittleEndian.Uint32(b[4:]))+8 > size {
		return at, nil, fmt.Errorf("%w: it is shorter than it says", ErrUnreadable)
	}
	if err := skip(r, riffHeader); err != nil {
		return at, nil, err
	}
	for {
		c, err := peekChunk(r)
		if err != nil {
			return at, nil, err
		}
		if c.name == "ANMF" {
			return ownFile(r, c, size)
		}
		if webpPixel(c.name) > 0 {
			return at, nil, nil
		}
		if err := skipChunk(r, c); err != nil {
			return at, nil, err
		}
	}
}

// ownFile is the frame c of an animation as a file, of a canvas as large as the frame.
func ownFile(r *bufio.Reader, c chunk, size int64) (image.Point, io.Reader, error) {
	b, err := r.Peek(chunkHeader + frameHeader + 4)
	if err != nil {
		return image.Point{}, nil, err
	}
	if c.length < frameHeader+chunkHeader || c.length > size {
		return image.Point{}, nil, errors.New("a frame that is longer than its file")
	}
	b = b[chunkHeader:]
	at := image.Pt(2*uint24(b), 2*uint24(b[3:]))
	canvas := make([]byte, canvasSize)
	if string(b[frameHeader:]) == "ALPH" {
		canvas[0] = flagAlpha
	}
	copy(canvas[4:], b[6:12])
	content := c.length - frameHeader
	file := []byte("RIFF")
	file = binary.LittleEndian.AppendUint32(file, uint32(riffHeader-8+chunkHeader+canvasSize+content+content&1))
	file = append(file, "WEBPVP8X"...)
	file = binary.LittleEndian.AppendUint32(file, canvasSize)
	file = append(file, canvas...)
	return at, io.MultiReader(bytes.NewReader(file), io.LimitReader(r, content+content&1)), skip(r, chunkHeader+frameHeader)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
