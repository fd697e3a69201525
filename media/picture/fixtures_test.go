package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// quarters is an image whose corners have colours of their own, from the upper left one on
// clockwise.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, corners[2*(y*2/h)+x*2/w])
		}
	}
	return m
}

var corners = []color.NRGBA{{200, 0, 0, 255}, {0, 180, 0, 255}, {0, 0, 200, 255}, {190, 190, 0, 255}}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asGIF is an animation of as many frames as there are images.
func asGIF(t testing.TB, w, h int, frames ...image.Rectangle) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: w, Height: h}}
	for i, r := range frames {
		m := image.NewPaletted(r, color.Palette{color.Black, corners[i%4]})
		for j := range m.Pix {
			m.Pix[j] = 1
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// segment is one of a JPEG.
func segment(marker byte, payload ...[]byte) []byte {
	p := bytes.Join(payload, nil)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(p)+2)), p...)
}

// behind puts segments behind the start of a JPEG.
func behind(file []byte, segments ...[]byte) []byte {
	return slices.Concat(file[:2], bytes.Join(segments, nil), file[2:])
}

// exif is what a phone writes: how to turn it, and where it was taken.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("Exif\x00\x00MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("Exif\x00\x00II*\x00")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 3)
	entry := func(tag, kind uint16, count uint32, value []byte) {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		b = append(order.AppendUint32(b, count), value...)
	}
	entry(0x010f, 2, 4, []byte("Tel\x00")) // who made the camera
	entry(0x0112, 3, 1, append(order.AppendUint16(nil, turn), 0, 0))
	entry(0x8825, 4, 1, order.AppendUint32(nil, 50)) // GPS
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x0001, 2, 2, []byte("N\x00\x00\x00"))
	return append(b, "GPS 52.5200 13.4050"...)
}

// progressive is a gray JPEG of no content that says in a few bytes how large it is, and goes over its
// pixels as often as told.
func progressive(w, h, scans int) []byte {
	b := []byte{0xff, 0xd8}
	b = append(b, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))...)
	b = append(b, segment(0xc2, []byte{8}, binary.BigEndian.AppendUint16(nil, uint16(h)), binary.BigEndian.AppendUint16(nil, uint16(w)), []byte{1, 1, 0x11, 0})...)
	b = append(b, segment(0xc4, []byte{0x00, 1}, make([]byte, 15), []byte{0})...) // no difference to the block before
	b = append(b, segment(0xc4, []byte{0x10, 0, 1}, make([]byte, 14), []byte{0xe0})...)
	b = append(b, segment(0xda, []byte{1, 1, 0, 0, 0, 0})...)
	blocks := (w + 7) / 8 * ((h + 7) / 8)
	b = append(b, make([]byte, (blocks+7)/8)...)
	for range scans {
		b = append(b, segment(0xda, []byte{1, 1, 0, 1, 63, 0})...)
		for left := blocks; left > 0; left -= 1<<15 - 2 { // each run of blocks is a code of two bits and 14 bits
			b = append(b, 0x3f, 0xfe)
		}
	}
	return append(b, 0xff, 0xd9)
}

// pngOf is a PNG of these chunks, with checksums.
func pngOf(chunks ...[]byte) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		b = binary.BigEndian.AppendUint32(b, uint32(len(c)-4))
		b = binary.BigEndian.AppendUint32(append(b, c...), crc32.ChecksumIEEE(c))
	}
	return b
}

// ihdr is the first chunk of a PNG.
func ihdr(w, h uint32, depth, colours, interlaced byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	return append(binary.BigEndian.AppendUint32(b, h), depth, colours, 0, 0, interlaced)
}

// deflated is a chunk whose content is n bytes of zero.
func deflated(t testing.TB, name string, n int) []byte {
	t.Helper()
	b := bytes.NewBufferString(name)
	w, err := zlib.NewWriterLevel(b, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for zeros := make([]byte, 1<<16); n > 0; n -= len(zeros) {
		_, _ = w.Write(zeros[:min(n, len(zeros))])
	}
	_ = w.Close()
	return b.Bytes()
}

// webpOf is a WebP of these chunks.
func webpOf(chunks ...[]byte) []byte {
	content := bytes.Join(chunks, nil)
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+len(content)))
	return append(append(b, "WEBP"...), content...)
}

func webpChunk(name string, content ...[]byte) []byte {
	c := bytes.Join(content, nil)
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(c)))
	return append(append(b, c...), make([]byte, len(c)&1)...)
}

// canvas is the first chunk of a WebP that has more than one.
func canvas(flags byte, w, h int) []byte {
	return webpChunk("VP8X", []byte{flags, 0, 0, 0}, three(w-1), three(h-1))
}

func three(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }

// webpFrom is all of a WebP from the first chunk of that name on.
func webpFrom(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	i := bytes.Index(file, []byte(name))
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return file[i:]
}

// moving is an animation of 100 by 80 pixels whose first frame is a fixture, at 20 and 10; another
// one is no image at all.
func moving(t testing.TB, name, first string) []byte {
	t.Helper()
	frame := func(x, y, w, h int, image []byte) []byte {
		return webpChunk("ANMF", three(x/2), three(y/2), three(w-1), three(h-1), three(100), []byte{0}, image)
	}
	return webpOf(canvas(0x12, 100, 80), webpChunk("ANIM", make([]byte, 6)),
		frame(20, 10, 64, 48, webpFrom(t, fixture(t, name), first)), frame(0, 0, 100, 80, webpChunk("VP8 ", []byte("broken"))))
}
