package throttle_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/throttle"
)

// logTo has lines without their time.
func logTo(b *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// One line is logged at once, and the next one no sooner than it may, with how many there
// were between them.
func TestOneLineForMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const quiet = time.Minute
		var b bytes.Buffer
		l := throttle.New(logTo(&b), quiet)
		for n, tt := range []struct {
			pause time.Duration
			want  string
		}{
			{0, "level=WARN msg=failed n=0 others_before=0\n"},
			{0, ""},
			{quiet - 1, ""},
			{1, "level=WARN msg=failed n=3 others_before=2\n"},
			{quiet, "level=WARN msg=failed n=4 others_before=0\n"},
			{quiet - 1, ""},
			{time.Hour, "level=WARN msg=failed n=6 others_before=1\n"},
		} {
			time.Sleep(tt.pause)
			b.Reset()
			if l.Warn("failed", "n", n); b.String() != tt.want {
				t.Errorf("%d: %q, want %q", n, b.String(), tt.want)
			}
		}
	})
}

// Of lines at once one is logged, and none is forgotten.
func TestLinesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lines = 100
		var b bytes.Buffer
		l := throttle.New(logTo(&b), time.Second)
		var all sync.WaitGroup
		for range lines {
			all.Go(func() { l.Warn("failed") })
		}
		all.Wait()
		time.Sleep(time.Second)
		l.Warn("failed again")
		if want := fmt.Sprintf("level=WARN msg=failed others_before=0\nlevel=WARN msg=\"failed again\" others_before=%d\n", lines-1); b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	})
}
