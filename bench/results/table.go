package results

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Goal is a bound.
type Goal struct {
	kind  goalKind
	bound float64
}

type goalKind int

const (
	ratioAtMost goalKind = iota
	ratioAtLeast
	atMost
)

// RatioAtMost bounds the ratio to the server that a measure is against.
func RatioAtMost(bound float64) Goal { return Goal{ratioAtMost, bound} }

// RatioAtLeast bounds it in the other direction.
func RatioAtLeast(bound float64) Goal { return Goal{ratioAtLeast, bound} }

// AtMost bounds the figure itself.
func AtMost(bound float64) Goal { return Goal{atMost, bound} }

// Measure is one figure that several servers have.
type Measure struct {
	Name    string
	Against string // the server whose figure is 1 in the column of ratios, or nothing
	Goals   []Goal
}

// Header is the first two lines of a table of measures. what stands above the names of
// those that are compared.
func Header(what string) string {
	return "| measure | " + what + " | median | of the turns | ratio | to reach | reached |\n" +
		"|---|---|--:|--:|--:|---|---|\n"
}

// Write writes a measure's lines: one for each server that has figures, of which there is
// one a turn. The goals are only those servers' that are judged.
func (m Measure) Write(b *strings.Builder, servers []string, figures map[string][]float64, judged func(server string) bool) {
	title := m.Name
	for _, name := range servers {
		turns := figures[name]
		if len(turns) == 0 {
			continue
		}
		own := Median(turns)
		ratio, toReach, reached := "", "", ""
		of, compared := m.ratio(own, figures)
		if compared {
			ratio = Figure(of)
		}
		if judged(name) {
			toReach, reached = m.Judge(own, of, compared)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s–%s | %s | %s | %s |\n", title, name,
			Figure(own), Figure(slices.Min(turns)), Figure(slices.Max(turns)), ratio, toReach, reached)
		title = "" // once is enough
	}
}

func (m Measure) ratio(own float64, figures map[string][]float64) (of float64, compared bool) {
	against := figures[m.Against]
	if len(against) == 0 {
		return 0, false
	}
	one := Median(against)
	return own / one, one != 0
}

// Missed reports whether a judged server does not reach a goal.
func (m Measure) Missed(server string, figures map[string][]float64) bool {
	if len(m.Goals) == 0 || len(figures[server]) == 0 {
		return false
	}
	own := Median(figures[server])
	of, compared := m.ratio(own, figures)
	_, reached := m.Judge(own, of, compared)
	return reached == no
}

// SummaryHeader is the first two lines of a table of goals.
const SummaryHeader = "| | measure | figure | ratio | to reach | reached |\n|---|---|--:|--:|---|---|\n"

// Summarise writes one line for a measure that has goals: how the judged server, in the
// part of the report with that title, stands to them.
func (m Measure) Summarise(b *strings.Builder, title, server string, figures map[string][]float64) {
	if len(m.Goals) == 0 || len(figures[server]) == 0 {
		return
	}
	own := Median(figures[server])
	of, compared := m.ratio(own, figures)
	toReach, reached := m.Judge(own, of, compared)
	ratio := ""
	if compared {
		ratio = Figure(of)
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", title, m.Name, Figure(own), ratio, toReach, reached)
}

// What the last column says.
const (
	yes = "yes"
	no  = "no"
)

// Judge says what a measure has to reach, and whether it does. Where there is nothing to
// compare with, a ratio is not reached.
func (m Measure) Judge(own, ratio float64, compared bool) (toReach, reached string) {
	if len(m.Goals) == 0 {
		return "", ""
	}
	bounds, all := make([]string, len(m.Goals)), true
	for i, g := range m.Goals {
		switch bound := strconv.FormatFloat(g.bound, 'f', -1, 64); g.kind {
		case ratioAtMost:
			bounds[i] = fmt.Sprintf("≤ %s × %s", bound, m.Against)
			all = all && compared && ratio <= g.bound
		case ratioAtLeast:
			bounds[i] = fmt.Sprintf("≥ %s × %s", bound, m.Against)
			all = all && compared && ratio >= g.bound
		case atMost:
			bounds[i] = "≤ " + bound
			all = all && own <= g.bound
		}
	}
	reached = no
	if all {
		reached = yes
	}
	return strings.Join(bounds, ", "), reached
}
