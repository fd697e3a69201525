// Package results turns what was measured into tables, says whether goals are reached,
// and keeps the file that they stand in. It knows nothing of how anything is measured.
package results

import (
	"math"
	"slices"
	"strconv"
)

// Median of an even number is the mean of the two in the middle.
func Median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Figure has about three digits: more would only be noise.
func Figure(v float64) string {
	switch {
	case math.IsInf(v, 0) || math.IsNaN(v):
		return "–" // of nothing
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return grouped(strconv.FormatFloat(v, 'f', 0, 64))
}

// Whole is a number of things, with its digits in groups.
func Whole(n int) string { return grouped(strconv.Itoa(n)) }

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
