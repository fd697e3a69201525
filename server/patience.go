package server

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"
)

// Patience is how long an event or a request may take before its sender is told that it
// took too long.
const Patience = 10 * time.Second

// Patient gives a request the deadline that events have.
func Patient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), Patience)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}
