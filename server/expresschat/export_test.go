package expresschat

import (
	"maps"
	"slices"
)

// Events is every event that the door takes, for tests that have to know them all.
func (d *Door) Events() []string { return slices.Sorted(maps.Keys(d.handlers())) }
