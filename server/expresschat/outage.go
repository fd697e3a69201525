package expresschat

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// patient gives a request the deadline that events have.
func patient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), Patience)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// quietFor is how long one line stands for all of an outage.
const quietFor = 10 * time.Second

// outage logs what fails while the database is away or overloaded. Then everything does:
// one line in a while says so, and how many others it stands for.
type outage struct {
	log *slog.Logger

	mu    sync.Mutex
	until time.Time // nothing is logged before
	more  int       // that were not logged
}

func (o *outage) warn(msg string, args ...any) {
	o.mu.Lock()
	now := time.Now()
	if now.Before(o.until) {
		o.more++
		o.mu.Unlock()
		return
	}
	more := o.more
	o.until, o.more = now.Add(quietFor), 0
	o.mu.Unlock()
	o.log.Warn(msg, append(args, "others_before", more)...)
}
