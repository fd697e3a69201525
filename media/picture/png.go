package picture

import (
	"bufio"
	"encoding/binary"
	"fmt"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngHead reads IHDR, which comes first. Chunks that hold something compressed (profiles, text)
// are never unpacked by anybody here.
func pngHead(r *bufio.Reader) (head, error) {
	b, err := r.Peek(len(pngMagic) + 8 + 13)
	if err != nil {
		return head{}, err
	}
	b = b[len(pngMagic):]
	if string(b[4:8]) != "IHDR" || binary.BigEndian.Uint32(b) != 13 {
		return head{}, fmt.Errorf("%w: no IHDR", ErrUnreadable)
	}
	b = b[8:]
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if width > 1<<30 || height > 1<<30 {
		return head{}, ErrTooLarge
	}
	return head{width: int(width), height: int(height), memory: int64(width) * int64(height) * pngPixel(b[8], b[9], b[12])}, nil
}

// pngPixel is how many bytes a pixel may take. A tRNS chunk turns gray into colours.
func pngPixel(depth, colours, interlaced byte) int64 {
	const palette = 3
	n := int64(4)
	switch {
	case depth == 16:
		n = 8
	case colours == palette:
		n = 1
	}
	if interlaced != 0 {
		n *= 2 // a pass is an image of its own
	}
	return n
}

func gifHead(r *bufio.Reader) (head, error) {
	b, err := r.Peek(10)
	if err != nil {
		return head{}, err
	}
	h := head{width: int(binary.LittleEndian.Uint16(b[6:])), height: int(binary.LittleEndian.Uint16(b[8:]))}
	h.memory = 2 * int64(h.width) * int64(h.height) // one that is interlaced is put in order in a copy
	return h, nil
}
