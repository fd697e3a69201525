package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"expresschat/media/picture"
)

// photo is what a phone makes: it tells where it was taken, has a preview of what was cut away,
// and a film behind its end.
func photo(t testing.TB) []byte {
	jfif := segment(0xe0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"))
	file := behind(asJPEG(t, quarters(200, 100)), jfif,
		segment(0xe1, exif(binary.BigEndian, 6)),
		segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<xmp GPSLatitude='52'/>")),
		segment(0xe2, []byte("MPF\x00 where the GPS film is")),
		segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01 colours")),
		segment(0xed, []byte("Photoshop 3.0\x00 city, GPS")),
		segment(0xe0, []byte("JFXX\x00 a preview, GPS")),
		segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01")),
		segment(0xe5, []byte("maker's own GPS")),
		segment(0xfe, []byte("a comment, GPS")))
	end := len(file) - 2
	return slices.Concat(file[:end], segment(0xfe, []byte("GPS at the end")), file[end:], []byte("a film, GPS"))
}

func pngWithText(t testing.TB) []byte {
	c := chunksOf(t, asPNG(t, quarters(200, 100)))
	return append(pngOf(slices.Concat([][]byte{
		c[0], []byte("gAMA\x00\x00\xb1\x8f"), []byte("eXIfMM\x00* GPS"), []byte("tEXtwhere\x00GPS"), deflated(t, "zTXtGPS\x00\x00", 100),
		[]byte("iTXtXML:com.adobe.xmp\x00\x00\x00\x00\x00GPS"), []byte("tIME\x07\xea\x01\x01\x01\x01\x01"),
	}, c[1:len(c)-1], [][]byte{[]byte("tEXtwhen\x00GPS"), c[len(c)-1]})...), "GPS"...)
}

func webpWithEXIF(t testing.TB) []byte {
	still := webpFrom(t, fixture(t, "alpha.webp"), "ALPH")
	return append(webpOf(canvas(0x1c, 64, 48), still, webpChunk("EXIF", []byte("II*\x00 GPS odd")), webpChunk("XMP ", []byte("<GPS>!"))), "GPS"...)
}

func TestStrip(t *testing.T) {
	t.Parallel()
	for mime, tt := range map[string]struct {
		file []byte
		kept []string
	}{
		"image/jpeg": {photo(t), []string{"JFIF\x00", "ICC_PROFILE\x00\x01\x01 colours", "Adobe\x00"}},
		"image/png":  {pngWithText(t), []string{"gAMA", "IEND"}},
		"image/webp": {webpWithEXIF(t), []string{"VP8X", "ALPH", "VP8 "}},
	} {
		t.Run(mime, func(t *testing.T) {
			t.Parallel()
			got, err := io.ReadAll(picture.Strip(bytes.NewReader(tt.file), mime))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []string{"GPS", "Tel\x00", "EXIF", "XMP", "tIME", "film"} {
				if bytes.Contains(got, []byte(s)) {
					t.Errorf("it still has %q", s)
				}
			}
			for _, s := range tt.kept {
				if !bytes.Contains(got, []byte(s)) {
					t.Errorf("it has no %q", s)
				}
			}
			before, _ := picture.Measure(bytes.NewReader(tt.file))
			if after, err := picture.Measure(bytes.NewReader(got)); after != before {
				t.Errorf("it is %+v (%v), and was %+v", after, err, before)
			}
			samePixels(t, tt.file, got)
			slow, err := io.ReadAll(picture.Strip(iotest.OneByteReader(bytes.NewReader(tt.file)), mime))
			if err != nil || !bytes.Equal(slow, got) {
				t.Errorf("byte by byte it differs: %v", err)
			}
			again, _ := io.ReadAll(picture.Strip(bytes.NewReader(got), mime))
			if !bytes.Equal(again, got) {
				t.Error("a second time there is still something to leave out")
			}
		})
	}
}

func samePixels(t testing.TB, a, b []byte) {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(a))
	n, _, err2 := image.Decode(bytes.NewReader(b))
	if err != nil || err2 != nil || m.Bounds() != n.Bounds() {
		t.Fatalf("not the same images: %v, %v", err, err2)
	}
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			if m.At(x, y) != n.At(x, y) {
				t.Fatalf("not the same at %d, %d", x, y)
			}
		}
	}
}

// What is no image of its type, and what is of a type without such metadata, is read as it is.
func TestStripLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mime string
		file []byte
	}{
		"another type":          {"image/gif", asGIF(t, 4, 4, image.Rect(0, 0, 4, 4))},
		"no JPEG":               {"image/jpeg", pngWithText(t)},
		"no PNG":                {"image/png", photo(t)},
		"no WebP":               {"image/webp", photo(t)},
		"nothing":               {"image/jpeg", nil},
		"a byte":                {"image/webp", []byte("R")},
		"stray bytes":           {"image/jpeg", behind(photo(t), []byte("stray"))},
		"a segment of nothing":  {"image/jpeg", behind(photo(t), []byte{0xff, 0xe1, 0, 0})},
		"a chunk of everything": {"image/png", append([]byte("\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt"), make([]byte, 1<<17)...)},
		"nothing but marks":     {"image/jpeg", append([]byte{0xff, 0xd8}, bytes.Repeat([]byte{0xff}, 1<<17)...)},
	} {
		got, err := io.ReadAll(picture.Strip(bytes.NewReader(tt.file), tt.mime))
		if err != nil || !bytes.Equal(got, tt.file) {
			t.Errorf("%s: %d bytes of %d: %v", name, len(got), len(tt.file), err)
		}
	}
}

// What breaks off is told by the reader that it broke off from, wherever that is.
func TestStripHasTheErrorsOfItsReader(t *testing.T) {
	t.Parallel()
	broke := errors.New("broke off")
	for mime, file := range map[string][]byte{"image/jpeg": photo(t), "image/png": pngWithText(t), "image/webp": webpWithEXIF(t)} {
		whole, _ := io.ReadAll(picture.Strip(bytes.NewReader(file), mime))
		for n := 0; n < len(file)-20; n += 11 {
			r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broke))
			got, err := io.ReadAll(picture.Strip(iotest.DataErrReader(r), mime))
			if !errors.Is(err, broke) || !bytes.HasPrefix(whole, got) {
				t.Fatalf("%s that breaks off after %d bytes: %d bytes, %v", mime, n, len(got), err)
			}
		}
		for n := 0; n < len(file)-20; n += 7 {
			got, err := io.ReadAll(picture.Strip(bytes.NewReader(file[:n]), mime))
			if err != nil || len(got) > n {
				t.Fatalf("%s that ends after %d bytes: %d bytes, %v", mime, n, len(got), err)
			}
		}
	}
}

// However large a file is, what it takes is the same.
func TestStripTakesConstantMemory(t *testing.T) { // not parallel: it counts what is allocated
	head := behind(asJPEG(t, quarters(8, 8)), segment(0xe1, exif(binary.BigEndian, 6)))
	head = head[:len(head)-2]
	scan := bytes.Repeat([]byte{1, 2, 3, 4, 0xff, 0, 7, 8}, 1<<17)
	read := func(mebibytes int) float64 {
		return testing.AllocsPerRun(1, func() {
			parts := []io.Reader{bytes.NewReader(head)}
			for range mebibytes {
				parts = append(parts, bytes.NewReader(scan))
			}
			n, err := io.Copy(io.Discard, picture.Strip(io.MultiReader(parts...), "image/jpeg"))
			if err != nil || n < int64(mebibytes)<<20 {
				t.Errorf("%d bytes: %v", n, err)
			}
		}) - float64(mebibytes)
	}
	if few, many := read(1), read(3); many > few+10 {
		t.Errorf("a MiB takes %.0f allocations, and 3 take %.0f", few, many)
	}
}
