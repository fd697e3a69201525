package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// small is an image of few pixels.
type small struct{ *image.RGBA }

// fit scales m, which lies at a point of a canvas of the given size, so that neither side of the canvas is
// more than side; it never makes it larger. A large one is first averaged over squares of pixels:
// a good filter looks at every pixel several times, which takes seconds with a photo.
func fit(m image.RGBA64Image, at, canvas image.Point, side int) small {
	longest := max(canvas.X, canvas.Y)
	averaged := average(m, at, canvas, max(1, longest/side))
	if longest <= side {
		return small{averaged}
	}
	to := image.NewRGBA(image.Rect(0, 0, max(1, canvas.X*side/longest), max(1, canvas.Y*side/longest)))
	draw.CatmullRom.Scale(to, to.Bounds(), averaged, averaged.Bounds(), draw.Src, nil)
	return small{to}
}

// average makes one pixel of every square of k by k. Where the canvas is empty nothing is to be seen.
func average(m image.RGBA64Image, at, canvas image.Point, k int) *image.RGBA {
	to := image.NewRGBA(image.Rect(0, 0, (canvas.X+k-1)/k, (canvas.Y+k-1)/k))
	whole := image.Rectangle{Max: canvas}
	for y := range to.Rect.Max.Y {
		for x := range to.Rect.Max.X {
			square := image.Rect(x*k, y*k, x*k+k, y*k+k).Intersect(whole)
			red, green, blue, alpha := sum(m, square.Sub(at).Intersect(m.Bounds()))
			n := uint64(square.Dx() * square.Dy() * 0x101) // and from 16 bits to 8
			pixel := to.Pix[to.PixOffset(x, y):]
			pixel[0], pixel[1], pixel[2], pixel[3] = byte(red/n), byte(green/n), byte(blue/n), byte(alpha/n)
		}
	}
	return to
}

func sum(m image.RGBA64Image, square image.Rectangle) (red, green, blue, alpha uint64) {
	for y := square.Min.Y; y < square.Max.Y; y++ {
		for x := square.Min.X; x < square.Max.X; x++ {
			c := m.RGBA64At(x, y)
			red, green, blue, alpha = red+uint64(c.R), green+uint64(c.G), blue+uint64(c.B), alpha+uint64(c.A)
		}
	}
	return red, green, blue, alpha
}

// turned is the image upright.
func (s small) turned(t turn) small {
	if t <= 1 {
		return s
	}
	w, h := s.Rect.Dx(), s.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if t.swaps() {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range to.Rect.Max.Y {
		for x := range to.Rect.Max.X {
			to.SetRGBA(x, y, s.RGBAAt(t.stored(x, y, w, h)))
		}
	}
	return small{to}
}
