package bus

import (
	"context"
	"time"
)

// Stamp is the name and the time of an entry in a room's log, given before its first
// attempt, so that ids sort as seqs do and a repeated attempt can recognise itself.
type Stamp struct {
	ID MessageID
	At time.Time // in UTC, whole milliseconds
}

// Write stores one entry of a room's log in one transaction and returns the event that
// came of it, nil for none. It is called again with the same stamp when its outcome is
// not known.
type Write func(ctx context.Context, s Stamp) (Event, error)
