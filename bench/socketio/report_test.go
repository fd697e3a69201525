package main

import (
	"strings"
	"testing"
	"time"

	"expresschat/bench/socketio/load"
)

func TestTable(t *testing.T) {
	t.Parallel()
	turns := map[string][]load.Result{
		nodeName:  {used(40), used(36), used(20)},
		"ours":    {used(9), used(8), used(90)},
		floorName: {used(6)},
	}
	m := measure{name: "CPU", of: cpuPerMillion, against: nodeName, goals: []goal{{ratioAtMost, 0.25}, {atMost, 8}}}
	tests := map[string]struct {
		against string
		want    string
	}{
		"against node": {nodeName, `| CPU | node | 36.0 | 20.0–40.0 | 1.00 |  |  |
|  | ours | 9.00 | 8.00–90.0 | 0.25 | ≤ 0.25 × node, ≤ 8 | no |
|  | floor | 6.00 | 6.00–6.00 | 0.17 |  |  |
`},
		"against the floor": {floorName, `| CPU | node | 36.0 | 20.0–40.0 | 6.00 |  |  |
|  | ours | 9.00 | 8.00–90.0 | 1.50 | ≤ 0.25 × floor, ≤ 8 | no |
|  | floor | 6.00 | 6.00–6.00 | 1.00 |  |  |
`},
		"against nothing": {"", `| CPU | node | 36.0 | 20.0–40.0 |  |  |  |
|  | ours | 9.00 | 8.00–90.0 |  |  |  |
|  | floor | 6.00 | 6.00–6.00 |  |  |  |
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := m
			m.against = tt.against
			var b strings.Builder
			table(&b, m, []string{nodeName, "ours", floorName}, turns)
			if b.String() != tt.want {
				t.Errorf("got\n%swant\n%s", b.String(), tt.want)
			}
		})
	}
}

// used is a result of a million messages that took so many seconds of CPU.
func used(seconds int) load.Result {
	return load.Result{Count: 1e6, ServerCPU: time.Duration(seconds) * time.Second, Wall: time.Minute}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		goals      []goal
		own, ratio float64
		want       string
	}{
		"none":          {nil, 1, 1, ""},
		"at the bound":  {[]goal{{ratioAtMost, 0.75}}, 1, 0.75, "yes"},
		"above":         {[]goal{{ratioAtMost, 0.75}}, 1, 0.76, "no"},
		"enough":        {[]goal{{ratioAtLeast, 4}}, 1, 4, "yes"},
		"too few":       {[]goal{{ratioAtLeast, 4}}, 1, 3.9, "no"},
		"one of two":    {[]goal{{atMost, 9}, {ratioAtMost, 0.6}}, 8, 0.7, "no"},
		"the other one": {[]goal{{atMost, 9}, {ratioAtMost, 0.6}}, 10, 0.5, "no"},
		"both":          {[]goal{{atMost, 9}, {ratioAtMost, 0.6}}, 9, 0.6, "yes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := (measure{goals: tt.goals}).judge(tt.own, tt.ratio); got != tt.want {
				t.Errorf("reached: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	if got := median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("of three: %v", got)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("of four: %v", got)
	}
}

func TestFigure(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0.256: "0.26", 12.34: "12.3", 123.4: "123", 1234: "1,234", 1234567: "1,234,567", -5: "-5.00",
	} {
		if got := figure(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

// TestReport is about a machine that tells everything or nothing: there is a report.
func TestReport(t *testing.T) {
	t.Parallel()
	r := run{turns: 1, short: true, nodeDir: t.TempDir()}
	all := results{}
	for _, s := range sections() {
		all[s.name] = map[string][]load.Result{}
		for _, name := range servers(s.floor) {
			all[s.name][name] = []load.Result{used(1)}
		}
	}
	report := r.report(t.Context(), "", all)
	for _, s := range sections() {
		if !strings.Contains(report, "## "+s.title+"\n") {
			t.Errorf("nothing of %s", s.title)
		}
	}
	if !strings.Contains(report, "socket.io unknown") {
		t.Errorf("report:\n%s", report)
	}
}
