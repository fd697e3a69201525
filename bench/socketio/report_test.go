package main

import (
	"strings"
	"testing"
	"time"

	"expresschat/bench/socketio/load"
)

// used is a result of a million messages that took so many seconds of CPU.
func used(seconds int) load.Result {
	return load.Result{Count: 1e6, ServerCPU: time.Duration(seconds) * time.Second, Wall: time.Minute}
}

// TestReport is about a machine that tells everything or nothing: there is a report.
func TestReport(t *testing.T) {
	t.Parallel()
	r := run{turns: 1, short: true, nodeDir: t.TempDir()}
	all := outcomes{}
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
