package picture_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"testing"

	_ "golang.org/x/image/webp"

	"expresschat/media/picture"
)

// thumbnail decodes what is made of a file.
func thumbnail(t testing.TB, file []byte) (image.Image, string) {
	t.Helper()
	var b bytes.Buffer
	mime, err := picture.Thumbnail(bytes.NewReader(file), &b)
	if err != nil {
		t.Fatal(err)
	}
	m, format, err := image.Decode(&b)
	if err != nil || "image/"+format != mime {
		t.Fatalf("said to be %s, and is %s: %v", mime, format, err)
	}
	return m, mime
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	clear := quarters(960, 100)
	clear.SetNRGBA(3, 3, color.NRGBA{})
	clear.SetNRGBA(4, 3, color.NRGBA{})
	deep := image.NewNRGBA64(image.Rect(0, 0, 490, 20))
	for name, tt := range map[string]struct {
		file []byte
		size image.Point
		mime string
	}{
		"a photo":                 {asJPEG(t, quarters(1000, 100)), image.Pt(480, 48), "image/jpeg"},
		"a tall one":              {asPNG(t, quarters(60, 960)), image.Pt(30, 480), "image/jpeg"},
		"a small one stays small": {asPNG(t, quarters(31, 17)), image.Pt(31, 17), "image/jpeg"},
		"one as large":            {asPNG(t, quarters(480, 20)), image.Pt(480, 20), "image/jpeg"},
		"just larger":             {asPNG(t, quarters(481, 30)), image.Pt(480, 29), "image/jpeg"},
		"a line":                  {asPNG(t, quarters(5000, 1)), image.Pt(480, 1), "image/jpeg"},
		"on its side":             {behind(asJPEG(t, quarters(1000, 100)), segment(0xe1, exif(binary.BigEndian, 8))), image.Pt(48, 480), "image/jpeg"},
		"one that is clear":       {asPNG(t, clear), image.Pt(480, 50), "image/png"},
		"16 bits":                 {asPNG(t, deep), image.Pt(480, 19), "image/png"},
		"a progressive JPEG":      {progressive(1000, 100, 3), image.Pt(480, 48), "image/jpeg"},
		"an animation":            {asGIF(t, 960, 48, image.Rect(0, 0, 960, 48), image.Rect(0, 0, 960, 48)), image.Pt(480, 24), "image/jpeg"},
		"a lossy WebP":            {fixture(t, "lossy.webp"), image.Pt(64, 48), "image/jpeg"},
		"a lossless WebP":         {fixture(t, "lossless.webp"), image.Pt(64, 48), "image/jpeg"},
		"a WebP that is clear":    {fixture(t, "alpha.webp"), image.Pt(64, 48), "image/png"},
		"lossless and clear":      {fixture(t, "lossless-alpha.webp"), image.Pt(64, 48), "image/png"},
		"a WebP that moves":       {moving(t, "lossy.webp", "VP8 "), image.Pt(100, 80), "image/png"},
		"and is clear":            {moving(t, "alpha.webp", "ALPH"), image.Pt(100, 80), "image/png"},
		"and lossless":            {moving(t, "lossless-alpha.webp", "VP8L"), image.Pt(100, 80), "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, mime := thumbnail(t, tt.file)
			if m.Bounds().Size() != tt.size || mime != tt.mime {
				t.Errorf("it is %s of %v, want %s of %v", mime, m.Bounds().Size(), tt.mime, tt.size)
			}
		})
	}
}

// Where the corners of an image are shown, from the upper left one on clockwise.
func TestThumbnailsAreUpright(t *testing.T) {
	t.Parallel()
	for turn, want := range [][]int{
		{0, 1, 2, 3},
		{0, 1, 2, 3},
		{1, 0, 3, 2},
		{3, 2, 1, 0},
		{2, 3, 0, 1},
		{0, 2, 1, 3},
		{2, 0, 3, 1},
		{3, 1, 2, 0},
		{1, 3, 0, 2},
	} {
		m, _ := thumbnail(t, behind(asJPEG(t, quarters(64, 32)), segment(0xe1, exif(binary.LittleEndian, uint16(turn)))))
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (h > w) != (turn >= 5) {
			t.Errorf("turned by %d it is %d by %d", turn, w, h)
		}
		for i, at := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
			if !near(m.At(at.X, at.Y), corners[want[i]]) {
				t.Errorf("turned by %d it has %v at %v", turn, m.At(at.X, at.Y), at)
			}
		}
	}
}

func near(a, b color.Color) bool {
	r, g, bl, al := a.RGBA()
	r2, g2, bl2, al2 := b.RGBA()
	for _, d := range []int{int(r) - int(r2), int(g) - int(g2), int(bl) - int(bl2), int(al) - int(al2)} {
		if d < -0x0800 || d > 0x0800 {
			return false
		}
	}
	return true
}

// Of an animation the first frame is decoded where it is on its canvas, and no other: what comes behind
// may be thousands of them, or broken.
func TestTheFirstFrame(t *testing.T) {
	t.Parallel()
	g := asGIF(t, 100, 80, image.Rect(20, 10, 84, 58), image.Rect(0, 0, 100, 80))
	g = g[:len(g)-30]
	for name, file := range map[string][]byte{"gif": g, "webp": moving(t, "lossy.webp", "VP8 ")} {
		m, _ := thumbnail(t, file)
		for at, seen := range map[image.Point]bool{{5, 5}: false, {95, 75}: false, {19, 30}: false, {22, 12}: true, {80, 55}: true, {85, 30}: false} {
			if _, _, _, a := m.At(at.X, at.Y).RGBA(); (a != 0) != seen {
				t.Errorf("%s at %v: alpha %d", name, at, a)
			}
		}
	}
	many := make([]image.Rectangle, 3000)
	for i := range many {
		many[i] = image.Rect(0, 0, 4, 4)
	}
	if m, _ := thumbnail(t, asGIF(t, 4, 4, many...)); !near(m.At(1, 1), corners[0]) {
		t.Errorf("it has %v", m.At(1, 1))
	}
}

// A thumbnail has what its format needs and nothing else.
func TestThumbnailsHaveNoMetadata(t *testing.T) {
	t.Parallel()
	file := behind(asJPEG(t, quarters(100, 100)), segment(0xe1, exif(binary.BigEndian, 1)), segment(0xfe, []byte("a comment")))
	var b bytes.Buffer
	if _, err := picture.Thumbnail(bytes.NewReader(file), &b); err != nil {
		t.Fatal(err)
	}
	for _, s := range jpegSegments(t, b.Bytes()) {
		if s >= 0xe0 && s != 0xff {
			t.Errorf("segment %#x", s)
		}
	}
	b.Reset()
	clear := quarters(10, 10)
	clear.SetNRGBA(0, 0, color.NRGBA{})
	if _, err := picture.Thumbnail(bytes.NewReader(pngOf(slices.Concat(chunksOf(t, asPNG(t, clear))[:1], [][]byte{[]byte("tEXtwhere\x00here")}, chunksOf(t, asPNG(t, clear))[1:])...)), &b); err != nil {
		t.Fatal(err)
	}
	for _, c := range chunksOf(t, b.Bytes()) {
		if name := string(c[:4]); !slices.Contains([]string{"IHDR", "IDAT", "IEND"}, name) {
			t.Errorf("chunk %s", name)
		}
	}
}

// jpegSegments are the markers of a JPEG up to its first scan.
func jpegSegments(t testing.TB, b []byte) (markers []byte) {
	t.Helper()
	for i := 2; i+4 <= len(b) && b[i] == 0xff; i += 2 + int(binary.BigEndian.Uint16(b[i+2:])) {
		markers = append(markers, b[i+1])
		if b[i+1] == 0xda {
			return markers
		}
	}
	t.Fatalf("no scan behind % x", markers)
	return nil
}

// chunksOf are those of a PNG, without lengths and checksums.
func chunksOf(t testing.TB, b []byte) (chunks [][]byte) {
	t.Helper()
	for b = b[8:]; len(b) >= 12; {
		n := 4 + int(binary.BigEndian.Uint32(b))
		chunks, b = append(chunks, b[4:4+n]), b[8+n:]
	}
	return chunks
}

func BenchmarkThumbnail(b *testing.B) {
	photo := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	for i := range photo.Y {
		photo.Y[i] = byte(128 + 100*math.Sin(float64(i%4000)/37)*math.Cos(float64(i/4000)/53))
	}
	var file, lossless bytes.Buffer
	_ = jpeg.Encode(&file, photo, &jpeg.Options{Quality: 85})
	_ = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&lossless, quarters(4000, 3000))
	for name, content := range map[string][]byte{"12MP.jpeg": file.Bytes(), "12MP.png": lossless.Bytes(), "17MP.progressive": progressive(4000, 4250, 10)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out bytes.Buffer
				if _, err := picture.Thumbnail(bytes.NewReader(content), &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
