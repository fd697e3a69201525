package picture

import "io"

// Pictures is this package as media asks for it.
type Pictures struct{}

// Measure is the function of that name.
func (Pictures) Measure(r io.Reader) (width, height int, err error) {
	i, err := Measure(r)
	return i.Width, i.Height, err
}

// Thumbnail is the function of that name.
func (Pictures) Thumbnail(r io.ReadSeeker, w io.Writer) (mime string, err error) {
	return Thumbnail(r, w)
}

// Strip is the function of that name.
func (Pictures) Strip(r io.Reader, mime string) io.Reader { return Strip(r, mime) }
