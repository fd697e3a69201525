package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"expresschat/bench/chat/cluster"
	"expresschat/bench/chat/load"
)

// measured is a result in which everything is as good as n is small.
func measured(n int) load.Result {
	d := time.Duration(n) * time.Millisecond
	return load.Result{
		Count: 1000, Delivered: 1000, Wall: d, Waits: []time.Duration{d},
		Used: load.Usage{Server: d, Database: d, Load: d, Statements: int64(50 * n), Buffers: int64(n), WAL: int64(n)}, Memory: int64(n) << 20,
	}
}

// judgedAs is an outcome of all rows in which what is judged is n and the rest is 100.
func judgedAs(b *bench, n int) outcomes {
	all := outcomes{}
	for _, r := range b.rows() {
		all[r.name] = map[string][]load.Result{}
		for _, s := range r.subjects {
			all[r.name][s.name] = []load.Result{measured(100)}
		}
		all[r.name][r.judged] = []load.Result{measured(n)}
	}
	return all
}

func testBench(t *testing.T, quick bool) *bench {
	b := &bench{nodeDir: t.TempDir(), cluster: &cluster.Cluster{}}
	b.use(quick)
	return b
}

// TestReport is about a machine that tells little, and of which nothing but tables is
// left: every row is there.
func TestReport(t *testing.T) {
	t.Parallel()
	for _, quick := range []bool{true, false} {
		b := testBench(t, quick)
		report := b.report(t.Context(), "", judgedAs(b, 1), map[string]string{"send": "the profile"})
		for _, r := range b.rows() {
			if !strings.Contains(report, "## "+r.title+"\n") || !strings.Contains(report, "| "+r.title+" | ") {
				t.Errorf("nothing of %s", r.title)
			}
		}
		if strings.Contains(report, "| no |") || !strings.Contains(report, "```\nthe profile\n```") {
			t.Errorf("report:\n%s", report)
		}
		if n := strings.Count(report, "quick run"); n != 1 == quick {
			t.Errorf("quick is %v, and said %d times", quick, n)
		}
	}
}

// TestGoals has a server that is as bad as the rest: whatever is demanded of more than
// that is missed, and nothing else.
func TestGoals(t *testing.T) {
	t.Parallel()
	b := testBench(t, false)
	same, worse := judgedAs(b, 100), judgedAs(b, 300)
	for _, r := range b.rows() {
		if want := r.name == "send" || r.name == "speaker"; r.missed(same[r.name]) != want {
			t.Errorf("%s, the same: missed %v", r.name, !want)
		}
		if !r.missed(worse[r.name]) {
			t.Errorf("%s, three times as bad: reached", r.name)
		}
		if r.judgedSubject().name != r.judged {
			t.Errorf("%s: nobody is called %s", r.name, r.judged)
		}
	}
}

func TestChosen(t *testing.T) {
	t.Parallel()
	b := testBench(t, true)
	if all := b.chosen(""); len(all) != len(b.rows()) {
		t.Errorf("%d rows", len(all))
	}
	if one := b.chosen("lists"); len(one) != 1 || one[0].name != "lists" {
		t.Errorf("%d rows", len(one))
	}
}

// TestPairs has everybody send to one chat and hear from one.
func TestPairs(t *testing.T) {
	t.Parallel()
	senders := map[int]int{}
	for _, c := range pairs() {
		senders[c.Sender]++
		if len(c.Hearers) != 1 || c.Hearers[0]/2 != c.Sender/2 || c.Hearers[0] == c.Sender {
			t.Errorf("%d is heard by %v", c.Sender, c.Hearers)
		}
	}
	if n := len(senders); n != 200 || slices.Max(slices.Collect(maps.Values(senders))) != 1 {
		t.Errorf("%d senders", n)
	}
}

func TestCommandUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"walk"}, {"reference"}} {
		if err := command(t.Context(), args); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
