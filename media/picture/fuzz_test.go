package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"testing"
	"testing/iotest"

	"expresschat/media/picture"
)

func seeds(f *testing.F) [][]byte {
	small := quarters(20, 10)
	return [][]byte{
		behind(asJPEG(f, small), segment(0xe1, exif(binary.BigEndian, 6))), progressive(20, 10, 2), asPNG(f, small),
		asGIF(f, 8, 8, image.Rect(2, 2, 6, 6), image.Rect(0, 0, 8, 8)), fixture(f, "lossy.webp"), fixture(f, "lossless.webp"),
		fixture(f, "alpha.webp"), moving(f, "alpha.webp", "ALPH"), photo(f), pngWithText(f), webpWithEXIF(f),
	}
}

// FuzzMeasure: whatever a file is, its head says what the decoder's own reading of it says.
func FuzzMeasure(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		i, err := picture.Measure(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, picture.ErrUnreadable) && !errors.Is(err, picture.ErrTooLarge) {
				t.Fatal(err)
			}
			return
		}
		if i.Width <= 0 || i.Height <= 0 || i.Width > picture.MaxSide || i.Height > picture.MaxSide {
			t.Fatalf("%+v", i)
		}
		c, format, err := image.DecodeConfig(bytes.NewReader(file))
		if err == nil && (format != i.Format || c.Width*c.Height != i.Width*i.Height || c.Width != i.Width && c.Width != i.Height) {
			t.Fatalf("%+v, and the decoder says %s of %d by %d", i, format, c.Width, c.Height)
		}
	})
}

// FuzzThumbnail: whatever a file is, it has a thumbnail of the same shape or an error of its own.
func FuzzThumbnail(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		i, err := picture.Measure(bytes.NewReader(file))
		if err == nil && i.Width*i.Height > 1<<18 {
			return // for the sake of time
		}
		var b bytes.Buffer
		if _, err := picture.Thumbnail(bytes.NewReader(file), &b); err != nil {
			if !errors.Is(err, picture.ErrUnreadable) && !errors.Is(err, picture.ErrTooLarge) || b.Len() > 0 {
				t.Fatal(err)
			}
			return
		}
		small, err := picture.Measure(&b)
		if err != nil || small.Width > picture.ThumbnailSide || small.Height > picture.ThumbnailSide || small.Width > i.Width || small.Height > i.Height {
			t.Fatalf("of %+v it is %+v: %v", i, small, err)
		}
	})
}

// FuzzStrip: whatever a file is, nothing is added but how to turn it, nothing is found a second time, and
// what could be shown shows the same.
func FuzzStrip(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, mime := range []string{"image/jpeg", "image/png", "image/webp"} {
			got, err := io.ReadAll(picture.Strip(bytes.NewReader(file), mime))
			if err != nil || len(got) > len(file)+36 {
				t.Fatalf("%s: %d bytes of %d: %v", mime, len(got), len(file), err)
			}
			slow, _ := io.ReadAll(picture.Strip(iotest.HalfReader(bytes.NewReader(file)), mime))
			again, _ := io.ReadAll(picture.Strip(bytes.NewReader(got), mime))
			if !bytes.Equal(got, again) || !bytes.Equal(got, slow) {
				t.Fatalf("%s: %d bytes, and then %d or %d", mime, len(got), len(again), len(slow))
			}
			i, err := picture.Measure(bytes.NewReader(file))
			if err != nil || "image/"+i.Format != mime || i.Width*i.Height > 1<<16 {
				continue
			}
			var before, after bytes.Buffer
			if _, err := picture.Thumbnail(bytes.NewReader(file), &before); err != nil {
				continue
			}
			if _, err := picture.Thumbnail(bytes.NewReader(got), &after); err != nil || !bytes.Equal(before.Bytes(), after.Bytes()) {
				t.Fatalf("%s: it shows something else: %v", mime, err)
			}
		}
	})
}
