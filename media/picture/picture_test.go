package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"expresschat/media/picture"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	small := quarters(30, 20)
	for name, tt := range map[string]struct {
		file []byte
		want picture.Info
	}{
		"a JPEG":                    {asJPEG(t, small), picture.Info{Width: 30, Height: 20, Format: "jpeg"}},
		"one on its side":           {behind(asJPEG(t, small), segment(0xe1, exif(binary.BigEndian, 6))), picture.Info{Width: 20, Height: 30, Format: "jpeg"}},
		"one upside down":           {behind(asJPEG(t, small), segment(0xe1, exif(binary.LittleEndian, 3))), picture.Info{Width: 30, Height: 20, Format: "jpeg"}},
		"turned in no known way":    {behind(asJPEG(t, small), segment(0xe1, exif(binary.LittleEndian, 9))), picture.Info{Width: 30, Height: 20, Format: "jpeg"}},
		"a progressive one":         {progressive(300, 200, 1), picture.Info{Width: 300, Height: 200, Format: "jpeg"}},
		"a long head":               {behind(asJPEG(t, small), bytes.Repeat(segment(0xe1, make([]byte, 65533)), 3)), picture.Info{Width: 30, Height: 20, Format: "jpeg"}},
		"a PNG":                     {asPNG(t, small), picture.Info{Width: 30, Height: 20, Format: "png"}},
		"a GIF":                     {asGIF(t, 40, 50, image.Rect(5, 5, 10, 10)), picture.Info{Width: 40, Height: 50, Format: "gif"}},
		"a lossy WebP":              {fixture(t, "lossy.webp"), picture.Info{Width: 64, Height: 48, Format: "webp"}},
		"the same without a canvas": {webpOf(webpFrom(t, fixture(t, "lossy.webp"), "VP8 ")), picture.Info{Width: 64, Height: 48, Format: "webp"}},
		"a lossless WebP":           {webpOf(webpFrom(t, fixture(t, "lossless-alpha.webp"), "VP8L")), picture.Info{Width: 64, Height: 48, Format: "webp"}},
		"one that moves":            {moving(t, "alpha.webp", "ALPH"), picture.Info{Width: 100, Height: 80, Format: "webp"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := picture.Measure(iotest.OneByteReader(bytes.NewReader(tt.file)))
			if err != nil || got != tt.want {
				t.Errorf("it is %+v (%v), want %+v", got, err, tt.want)
			}
			for n := range min(len(tt.file), 40) { // the start of a head is none
				if i, err := picture.Measure(bytes.NewReader(tt.file[:n])); err == nil && i != tt.want || err != nil && !errors.Is(err, picture.ErrUnreadable) {
					t.Errorf("the first %d bytes: %+v, %v", n, i, err)
				}
			}
		})
	}
}

// What is refused is refused by its head: nothing of its size was ever asked for.
func TestBombs(t *testing.T) { // not parallel: it counts what is allocated
	tooLarge, unreadable := picture.ErrTooLarge, picture.ErrUnreadable
	gifOf := func(w, h uint16) []byte {
		b := binary.LittleEndian.AppendUint16([]byte("GIF89a"), w)
		return append(binary.LittleEndian.AppendUint16(b, h), make([]byte, 20)...)
	}
	lossless := func(w, h uint32) []byte {
		return webpOf(webpChunk("VP8L", []byte{0x2f}, binary.LittleEndian.AppendUint32(nil, w-1|(h-1)<<14), make([]byte, 50)))
	}
	lossy := webpFrom(t, fixture(t, "lossy.webp"), "VP8 ")
	tests := map[string]struct {
		file []byte
		want error
	}{
		"a PNG of many pixels":         {pngOf(ihdr(20_000, 20_000, 8, 6, 0), deflated(t, "IDAT", 1<<20)), tooLarge},
		"a PNG of a long side":         {pngOf(ihdr(20_001, 1, 8, 0, 0)), tooLarge},
		"a PNG beyond any":             {pngOf(ihdr(1<<32-1, 1<<32-1, 1, 3, 0)), tooLarge},
		"16 bits":                      {pngOf(ihdr(4200, 4200, 16, 6, 0)), tooLarge},
		"interlaced":                   {pngOf(ihdr(4200, 4200, 8, 6, 1)), tooLarge},
		"a PNG of no width":            {pngOf(ihdr(0, 5, 8, 6, 0)), unreadable},
		"a PNG that has less":          {pngOf(ihdr(4000, 4000, 1, 3, 0), deflated(t, "IDAT", 1<<10), []byte("IEND")), unreadable},
		"a PNG that has more":          {pngOf(ihdr(10, 10, 8, 0, 0), deflated(t, "IDAT", 8<<20), []byte("IEND")), unreadable},
		"a JPEG of a long side":        {progressive(20_008, 8, 0), tooLarge},
		"a progressive JPEG":           {progressive(6000, 6000, 0)[:200], tooLarge},
		"a JPEG of no height":          {progressive(100, 0, 0), unreadable},
		"a JPEG of two frames":         {behind(progressive(8, 8, 0), segment(0xc0, []byte{8, 0, 8, 0, 8, 1, 1, 0x11, 0})), unreadable},
		"stray bytes before the frame": {behind(progressive(8, 8, 0), []byte{0, 0}), unreadable},
		"a GIF of many pixels":         {gifOf(20_000, 20_000), tooLarge},
		"a GIF of no pixels":           {gifOf(0, 20), unreadable},
		"a lossless WebP":              {lossless(16383, 16383), tooLarge},
		"a WebP of a large canvas":     {webpOf(canvas(0, 16000, 16000), lossy), tooLarge},
		"a canvas unlike its image":    {webpOf(canvas(0, 3000, 16), lossy), unreadable},
		"a WebP of a lying chunk":      {bytes.Replace(webpOf(canvas(0, 64, 48), lossy), lossy[4:8], []byte{0, 0, 0, 0x7f}, 1), unreadable},
		"and of a lying file": {func() []byte {
			b := bytes.Replace(webpOf(lossy), lossy[4:8], []byte{0, 0, 0, 0x60}, 1)
			copy(b[4:], "\x00\x00\x00\x61")
			return b
		}(), unreadable},
		"a frame that is too long": {bytes.Replace(moving(t, "lossy.webp", "VP8 "), []byte("ANMF"), []byte("ANMF\xff\xff\xff\x20"), 1), unreadable},
		"an AVIF":                  {[]byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf"), unreadable},
		"nothing":                  {nil, unreadable},
		"text":                     {[]byte(strings.Repeat("no image ", 100)), unreadable},
	}
	for name, tt := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := picture.Thumbnail(bytes.NewReader(tt.file), io.Discard)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 6<<20 {
			t.Errorf("%s: took %d MiB", name, took>>20)
		}
	}
}

// Profiles and text that unpack to whatever are not unpacked.
func TestPackedMetadataStaysPacked(t *testing.T) { // not parallel: it counts what is allocated
	file := pngOf(ihdr(10, 10, 8, 0, 0), deflated(t, "iCCPprofile\x00\x00", 8<<20), deflated(t, "zTXtcomment\x00\x00", 8<<20),
		deflated(t, "IDAT", 110), []byte("IEND"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := picture.Thumbnail(bytes.NewReader(file), io.Discard)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != nil || took > 2<<20 {
		t.Errorf("took %d KiB: %v", took>>10, err)
	}
}

// A progressive JPEG says in a few bytes that all its pixels are to be gone over again.
func TestScansAreCounted(t *testing.T) {
	t.Parallel()
	if _, err := picture.Thumbnail(bytes.NewReader(progressive(64, 64, 20)), io.Discard); err != nil {
		t.Errorf("a JPEG of some scans: %v", err)
	}
	if _, err := picture.Thumbnail(bytes.NewReader(progressive(64, 64, 200)), io.Discard); !errors.Is(err, picture.ErrUnreadable) {
		t.Errorf("a JPEG of many scans: %v", err)
	}
}

// A file that can't be read now is no broken image.
func TestErrorsOfFilesAreTheirOwn(t *testing.T) {
	t.Parallel()
	away := errors.New("the bucket is away")
	for name, file := range map[string][]byte{
		"jpeg": asJPEG(t, quarters(300, 300)), "png": asPNG(t, quarters(1000, 100)), "gif": asGIF(t, 100, 100, image.Rect(0, 0, 100, 100)),
		"webp": fixture(t, "lossy.webp"), "moving": moving(t, "lossy.webp", "VP8 "),
	} {
		for n := 0; n < len(file)-20; n += 1 + len(file)/9 {
			if _, err := picture.Thumbnail(&failing{Reader: bytes.NewReader(file), good: n, err: away}, io.Discard); !errors.Is(err, away) && err != nil {
				t.Errorf("%s that fails after %d bytes: %v", name, n, err)
			}
			if _, err := picture.Measure(&failing{Reader: bytes.NewReader(file), good: n, err: away}); err != nil && !errors.Is(err, away) {
				t.Errorf("%s, measured, that fails after %d bytes: %v", name, n, err)
			}
		}
	}
	if _, err := picture.Thumbnail(bytes.NewReader(asJPEG(t, quarters(8, 8))), &refusing{away}); !errors.Is(err, away) {
		t.Errorf("one that can't be written: %v", err)
	}
	// A decoder that panics has met a broken image.
	if _, err := picture.Thumbnail(&failing{Reader: bytes.NewReader(asJPEG(t, quarters(600, 600))), good: 2000}, io.Discard); !errors.Is(err, picture.ErrUnreadable) {
		t.Errorf("a decoder that panics: %v", err)
	}
}

// failing is a file that can't be read on after some bytes; without an error it panics, as
// a decoder might.
type failing struct {
	*bytes.Reader
	good int
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	at := int(f.Size()) - f.Len()
	if at >= f.good {
		if f.err == nil && at > 0 {
			panic("no more")
		}
		return 0, f.err
	}
	return f.Reader.Read(p[:min(len(p), f.good-at)])
}

type refusing struct{ err error }

func (r *refusing) Write([]byte) (int, error) { return 0, r.err }
