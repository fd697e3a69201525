package media

import (
	"fmt"

	"expresschat/bus"
)

// As is f as what its sender says of it only now, after it was stored as what its content is.
// The error is ErrType where the two don't agree.
func (f File) As(t bus.Type) (File, error) {
	if t == f.Type {
		return f, nil
	}
	if t == bus.Image { // as which it was not readable
		return File{}, fmt.Errorf("%w: %s as %s", ErrType, f.MIME, t)
	}
	var err error
	if f.Type, err = judge(f.Place, t, f.MIME); err != nil {
		return File{}, err
	}
	return f, nil
}
