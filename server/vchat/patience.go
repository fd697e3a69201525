package vchat

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/server"
)

// patient gives a request the deadline that events have, from when the last of its body has
// arrived: a file may take a phone longer than that.
func patient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithCancelCause(c.Request().Context())
		defer cancel(nil)
		late := time.AfterFunc(server.Patience, func() { cancel(context.DeadlineExceeded) })
		defer late.Stop()
		r := c.Request().WithContext(ctx)
		r.Body = arriving{r.Body, late}
		c.SetRequest(r)
		err := next(c)
		if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return context.DeadlineExceeded
		}
		return err
	}
}

// arriving is a body that puts a deadline off as it arrives.
type arriving struct {
	io.ReadCloser
	late *time.Timer
}

func (a arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	a.late.Reset(server.Patience)
	return n, err
}
