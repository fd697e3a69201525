package results

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	turns := map[string][]float64{
		"node":  {40, 36, 20},
		"ours":  {9, 8, 90},
		"floor": {6},
	}
	m := Measure{Name: "CPU", Goals: []Goal{RatioAtMost(0.25), AtMost(8)}}
	tests := map[string]struct {
		against string
		want    string
	}{
		"against node": {"node", `| CPU | node | 36.0 | 20.0–40.0 | 1.00 |  |  |
|  | ours | 9.00 | 8.00–90.0 | 0.25 | ≤ 0.25 × node, ≤ 8 | no |
|  | floor | 6.00 | 6.00–6.00 | 0.17 |  |  |
`},
		"against the floor": {"floor", `| CPU | node | 36.0 | 20.0–40.0 | 6.00 |  |  |
|  | ours | 9.00 | 8.00–90.0 | 1.50 | ≤ 0.25 × floor, ≤ 8 | no |
|  | floor | 6.00 | 6.00–6.00 | 1.00 |  |  |
`},
		"against one that was not measured": {"gone", `| CPU | node | 36.0 | 20.0–40.0 |  |  |  |
|  | ours | 9.00 | 8.00–90.0 |  | ≤ 0.25 × gone, ≤ 8 | no |
|  | floor | 6.00 | 6.00–6.00 |  |  |  |
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := m
			m.Against = tt.against
			var b strings.Builder
			m.Write(&b, []string{"node", "idle", "ours", "floor"}, turns, func(s string) bool { return s == "ours" })
			if b.String() != tt.want {
				t.Errorf("got\n%swant\n%s", b.String(), tt.want)
			}
			b.Reset()
			m.Summarise(&b, "Row", "ours", turns)
			if line := b.String(); !strings.HasPrefix(line, "| Row | CPU | 9.00 | ") || !strings.HasSuffix(line, ", ≤ 8 | no |\n") {
				t.Errorf("summary %q", line)
			}
			if !m.Missed("ours", turns) || m.Missed("idle", turns) {
				t.Error("who misses the goals is wrong")
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		goals      []Goal
		own, ratio float64
		want       string
	}{
		"none":          {nil, 1, 1, ""},
		"at the bound":  {[]Goal{RatioAtMost(0.75)}, 1, 0.75, "yes"},
		"above":         {[]Goal{RatioAtMost(0.75)}, 1, 0.76, "no"},
		"enough":        {[]Goal{RatioAtLeast(4)}, 1, 4, "yes"},
		"too few":       {[]Goal{RatioAtLeast(4)}, 1, 3.9, "no"},
		"one of two":    {[]Goal{AtMost(9), RatioAtMost(0.6)}, 8, 0.7, "no"},
		"the other one": {[]Goal{AtMost(9), RatioAtMost(0.6)}, 10, 0.5, "no"},
		"both":          {[]Goal{AtMost(9), RatioAtMost(0.6)}, 9, 0.6, "yes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := (Measure{Goals: tt.goals}).Judge(tt.own, tt.ratio, true); got != tt.want {
				t.Errorf("reached: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	if got := Median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("of three: %v", got)
	}
	if got := Median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("of four: %v", got)
	}
}

func TestFigure(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0.256: "0.26", 12.34: "12.3", 123.4: "123", 1234: "1,234", 1234567: "1,234,567", -5: "-5.00", math.Inf(1): "–",
	} {
		if got := Figure(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

// TestRenew has two programs write the same file, one after another.
func TestRenew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	for _, step := range []struct{ text, want string }{
		{"# A\n\nold\n\n## x\n", "# A\n\nold\n\n## x\n"},
		{"# B\n\n```\n# no heading\n```\n", "# A\n\nold\n\n## x\n\n# B\n\n```\n# no heading\n```\n"},
		{"# A\n\nnew\n\n", "# A\n\nnew\n\n# B\n\n```\n# no heading\n```\n"},
		{"# B\n", "# A\n\nnew\n\n# B\n"},
	} {
		if err := Renew(path, step.text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != step.want {
			t.Fatalf("got\n%s%v, want\n%s", got, err, step.want)
		}
	}
}
