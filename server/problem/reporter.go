package problem

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"expresschat/auth"
	"expresschat/throttle"
)

// quietFor is how long one line stands for all of an outage.
const quietFor = 10 * time.Second

// Reporter finds what clients are told of errors, and logs what is the operator's to know.
// While the database is away or overloaded everything fails: one line in a while says so,
// and how many others it stands for.
type Reporter struct {
	log    *slog.Logger
	outage *throttle.Log
}

// NewReporter makes a Reporter that logs to log.
func NewReporter(log *slog.Logger) *Reporter {
	return &Reporter{log: log, outage: throttle.New(log, quietFor)}
}

// Explain is Of, with what has to be logged in the log. what names the request.
func (r *Reporter) Explain(what string, err error) Problem {
	p, known := Of(err)
	switch {
	case errors.Is(err, auth.ErrOddHash): // somebody can't sign in whatever they do
		r.log.Error("stored password hash can't be used", "what", what)
	case !known:
		r.log.Error("request failed", "what", what, "error", err)
	case p.Status >= http.StatusInternalServerError:
		r.Warn("request failed", "what", what, "error", err)
	}
	return p
}

// Warn logs what failed for the database's sake.
func (r *Reporter) Warn(msg string, args ...any) { r.outage.Warn(msg, args...) }
