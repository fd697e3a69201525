package push

import (
	"fmt"
	"strconv"
	"time"
)

// DelayError is the error of a push service that says when to come back.
type DelayError struct {
	After time.Duration // 0 where it did not say
	// Service is whether it says so of itself, and not of one device: nothing is sent to any
	// of its devices before After is over.
	Service bool
	Err     error
}

// Error implements error.
func (e *DelayError) Error() string { return e.Err.Error() }

// Unwrap leads to why.
func (e *DelayError) Unwrap() error { return e.Err }

// Delayed is a DelayError in words of the sender's own.
func Delayed(after time.Duration, format string, args ...any) error {
	return &DelayError{After: after, Err: fmt.Errorf(format, args...)}
}

// Overloaded is Delayed of a push service that says it of itself.
func Overloaded(after time.Duration, format string, args ...any) error {
	return &DelayError{After: after, Service: true, Err: fmt.Errorf(format, args...)}
}

// httpDate is how an answer names a time (RFC 9110, section 5.6.7).
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// RetryAfter reads the header of that name (RFC 9110, section 10.2.3): 0 if it says nothing,
// a day at most.
func RetryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(TTL.Seconds()))) * time.Second
	}
	at, err := time.Parse(httpDate, value)
	if err != nil {
		return 0
	}
	return min(max(0, time.Until(at)), TTL)
}
