package store_test

import (
	"testing"

	"expresschat/bus"
	"expresschat/groups"
)

func TestSweepRemovesWhatHasEnded(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.person("ana"), w.person("ben")
	gone, kept := w.group(ana, ben), w.group(ana, ben)
	w.send(ana, gone, bus.Group, "x")
	w.send(ana, kept, bus.Group, "y")
	w.change(groups.Change{Group: gone, By: by(ana), Target: ana, Type: bus.Delete})
	w.must(w.Sweep(t.Context()))
	if h := w.history(ben, kept); len(h.Messages) != 1 {
		t.Errorf("%d messages left of a living group", len(h.Messages))
	}
	if n := w.countMessages(gone); n != 0 {
		t.Errorf("%d entries left of a deleted group", n)
	}
}

func (w *world) countMessages(room bus.RoomID) int {
	w.Helper()
	n, err := w.CountMessages(w.Context(), string(room))
	w.must(err)
	return n
}
