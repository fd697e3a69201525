package server

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Patience is how long an event or a request may take before its sender is told that it
// took too long.
const Patience = 10 * time.Second

// storing is Patience for a request with files: 5 MiB of one, sent on to a bucket elsewhere over a
// slow line, take longer than ten seconds, and nothing is read of the request meanwhile.
const storing = time.Minute

// Patient gives a request the deadline that events have.
func Patient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), Patience)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// Arriving gives a request the deadline that events have, from when the last of its body has
// arrived: a file may take a phone longer than that. One with files has a minute.
func Arriving(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithCancelCause(c.Request().Context())
		defer cancel(nil)
		patience := Patience
		if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), "multipart/") {
			patience = storing
		}
		late := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
		defer late.Stop()
		r := c.Request().WithContext(ctx)
		r.Body = arriving{r.Body, late, patience}
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
	late     *time.Timer
	patience time.Duration
}

func (a arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	a.late.Reset(a.patience)
	return n, err
}
