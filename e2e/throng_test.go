package e2e

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// throng is many clients that keep sending, whatever they are told. They write to one
// person's self chat.
type throng struct {
	who   *user
	s     *server
	lines []*line

	mu    sync.Mutex // guards what follows
	acked map[string]int64
	said  int
}

// perLine is how many messages each client of a throng has on their way.
const perLine = 8

func newThrong(t testing.TB, s *server, who *user, size int) *throng {
	t.Helper()
	c := &throng{who: who, s: s, acked: map[string]int64{}}
	for range size {
		c.lines = append(c.lines, newLine(t, s, who, nil))
	}
	return c
}

// keepSending sends until it is over. A line that the server dropped stays away.
func (c *throng) keepSending(t testing.TB, over <-chan struct{}) {
	var all sync.WaitGroup
	for i, l := range c.lines {
		all.Go(func() {
			places := make(chan struct{}, perLine)
			for n := 0; ; n++ {
				select {
				case places <- struct{}{}:
				case <-l.ended:
					if l.sentAway != "" {
						t.Errorf("one of the throng: %v", l.end())
					}
					return
				case <-over:
					return
				}
				c.send(l, fmt.Sprintf("%d of line %d %s", n, i, strings.Repeat("x", 4<<10)), func() { <-places })
			}
		})
	}
	all.Wait()
}

func (c *throng) send(l *line, content string, then func()) {
	c.mu.Lock()
	c.said++
	c.mu.Unlock()
	l.emit("send-self-message", obj{"Content": content}, func(r reply) {
		if r.Success {
			c.mu.Lock()
			c.acked[content] = r.Seq
			c.mu.Unlock()
		}
		then()
	})
}

// hasAll checks that what was acked is stored, once, where the ack says.
func (c *throng) hasAll(t testing.TB) {
	t.Helper()
	for _, l := range c.lines {
		l.cut()
	}
	pages := &messageLog{changed: make(chan struct{}, 1)}
	l := newLine(t, c.s, c.who, pages.hear)
	stored := map[string]int64{}
	for after, more := int64(0), true; more; {
		more = l.must(t, "fetch-self-chat", obj{"After": after}).HasMore
		for _, m := range pages.take() {
			after = max(after, m.Seq)
			if _, twice := stored[m.Content]; twice {
				t.Errorf("%.20q is stored twice", m.Content)
			}
			stored[m.Content] = m.Seq
		}
	}
	for content, seq := range c.acked {
		if stored[content] != seq {
			t.Errorf("%.20q was acked at seq %d and is stored at %d", content, seq, stored[content])
		}
	}
	t.Logf("the throng sent %d messages, %d were acked and %d are stored", c.said, len(c.acked), len(stored))
}

// grown checks that the server's memory has not grown by more than a few clients need.
func grown(t testing.TB, s *server, before int64) {
	t.Helper()
	bound := int64(64 << 20)
	if raced(t, s.binary) {
		bound *= 4 // the detector's own books
	}
	now, err := memoryOf(s.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("memory went from %d to %d MiB", before>>20, now>>20)
	if now > before+bound {
		t.Errorf("the server has grown from %d to %d MiB", before>>20, now>>20)
	}
}

// raced is whether a program was built with the race detector.
func raced(t testing.TB, program string) bool {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// fewLines checks that an outage is told in the log, and does not flood it.
func fewLines(t testing.TB, s *server, before int) {
	t.Helper()
	const most, mostErrors = 200, 5
	lines := strings.Split(readFile(t, s.logPath())[before:], "\n")
	errs := 0
	for _, line := range lines {
		if strings.Contains(line, "level=ERROR") {
			errs++
		}
	}
	t.Logf("%d lines were logged, %d errors", len(lines), errs)
	if errs > mostErrors || len(lines) > most {
		t.Errorf("an outage is worth %d lines and %d errors:\n%s", len(lines), errs, strings.Join(lines[:min(len(lines), 30)], "\n"))
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
