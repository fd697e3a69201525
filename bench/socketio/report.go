package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"expresschat/bench/socketio/load"
)

// report is RESULTS.md.
func (r *run) report(ctx context.Context, only string, all results) string {
	var b strings.Builder
	b.WriteString("# Socket.IO servers, measured\n\n" +
		"Written by `make bench-socketio`; nothing here is typed by hand.\n\n")
	r.describe(ctx, &b)
	for _, s := range chosen(only) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", s.title, s.text)
		b.WriteString("| measure | server | median | of the turns | ratio | to reach | reached |\n" +
			"|---|---|--:|--:|--:|---|---|\n")
		for _, m := range s.measures {
			table(&b, m, servers(s.floor), all[s.name])
		}
	}
	return b.String()
}

// table writes one measure's lines.
func table(b *strings.Builder, m measure, names []string, turns map[string][]load.Result) {
	title := m.name
	for _, name := range names {
		figures := m.figures(turns[name])
		own := median(figures)
		ratio, toReach, reached := "", "", ""
		if m.against != "" {
			of := own / median(m.figures(turns[m.against]))
			ratio = figure(of)
			if name != nodeName && name != floorName {
				toReach, reached = m.judge(own, of)
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s–%s | %s | %s | %s |\n", title, name,
			figure(own), figure(slices.Min(figures)), figure(slices.Max(figures)), ratio, toReach, reached)
		title = "" // once is enough
	}
}

func (m measure) figures(turns []load.Result) []float64 {
	figures := make([]float64, len(turns))
	for i, r := range turns {
		figures[i] = m.of(r)
	}
	return figures
}

// judge says what a measure has to reach, and whether it does.
func (m measure) judge(own, ratio float64) (toReach, reached string) {
	if len(m.goals) == 0 {
		return "", ""
	}
	bounds, all := make([]string, len(m.goals)), true
	for i, g := range m.goals {
		switch bound := strconv.FormatFloat(g.bound, 'f', -1, 64); g.kind {
		case ratioAtMost:
			bounds[i] = fmt.Sprintf("≤ %s × %s", bound, m.against)
			all = all && ratio <= g.bound
		case ratioAtLeast:
			bounds[i] = fmt.Sprintf("≥ %s × %s", bound, m.against)
			all = all && ratio >= g.bound
		case atMost:
			bounds[i] = "≤ " + bound
			all = all && own <= g.bound
		}
	}
	reached = "no"
	if all {
		reached = "yes"
	}
	return strings.Join(bounds, ", "), reached
}

// median of an even number is the mean of the two in the middle.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// figure has about three digits: more would only be noise.
func figure(v float64) string {
	switch {
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
