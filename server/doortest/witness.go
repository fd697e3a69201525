// Package doortest is what the tests of all doors need of a house: a log that fails a test
// of every error in it, a mailbox, and a digest of the database. It knows no door, and only
// tests import it.
package doortest

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"testing"
)

// confidential is what no log has, at any level: an address, a token, a password's hash.
var confidential = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]*[A-Za-z]|eyJ[\w-]{8,}|\$argon2`)

// NoErrors is a logger for a server that has nothing to report to its operator: the test
// fails of every error in the log, and of all that is confidential, once the server has
// stopped.
func NoErrors(t testing.TB) *slog.Logger {
	w := &witness{}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, line := range w.seen {
			t.Errorf("the server logged an error: %s", line)
		}
		for _, line := range w.leaked {
			t.Errorf("the server logged what is confidential: %s", line)
		}
	})
	return slog.New(w)
}

// Warnings are those in a log that NoErrors made, by now.
func Warnings(log *slog.Logger) []string {
	w := log.Handler().(*witness)
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.warned)
}

// witness is a handler of logs that keeps the errors, and the warnings apart.
type witness struct {
	mu     sync.Mutex
	seen   []string
	warned []string
	leaked []string
}

// Enabled implements slog.Handler.
func (w *witness) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (w *witness) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if confidential.MatchString(line) {
		w.leaked = append(w.leaked, line)
	}
	switch {
	case r.Level >= slog.LevelError:
		w.seen = append(w.seen, line)
	case r.Level >= slog.LevelWarn:
		w.warned = append(w.warned, line)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (w *witness) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup implements slog.Handler.
func (w *witness) WithGroup(string) slog.Handler { return w }
