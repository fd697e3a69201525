package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// newServer starts a server of a test's own, and says what it logged if the test fails.
func newServer(t testing.TB, name string, env ...string) *server {
	t.Helper()
	s, err := startServer(shared.binary, filepath.Join(shared.dir, name), append([]string{"CHAT_LIMITS=off"}, env...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.discard()
		if t.Failed() {
			t.Logf("the server logged\n%s", s.lastLogs())
		}
	})
	return s
}

// childrenOf are the processes that pid started and that still run, by /proc.
func childrenOf(pid int) []int {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	var children []int
	for _, path := range stats {
		child, parent, state := readStat(path)
		if parent == pid && state != "Z" {
			children = append(children, child)
		}
	}
	return children
}

// readStat reads a process's own id, its parent's and its state. A process that has
// ended meanwhile has none of them.
func readStat(path string) (pid, parent int, state string) {
	body, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, ""
	}
	// The name stands in brackets and may hold anything, brackets too.
	fields := strings.Fields(string(body[bytes.LastIndexByte(body, ')')+1:]))
	if len(fields) < 2 {
		return 0, 0, ""
	}
	pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
	parent, _ = strconv.Atoi(fields[1])
	return pid, parent, fields[0]
}

// familyOf is a process with all that descend from it, the eldest first.
func familyOf(pid int) []int {
	family := []int{pid}
	for i := 0; i < len(family); i++ {
		family = append(family, childrenOf(family[i])...)
	}
	return family
}

// signalFamily signals a process and all that descend from it. The eldest hears it first,
// so that it can't start anybody new who does not.
func signalFamily(pid int, s syscall.Signal) error {
	if err := syscall.Kill(pid, s); err != nil {
		return fmt.Errorf("signal process %d: %w", pid, err)
	}
	for _, p := range familyOf(pid)[1:] {
		_ = syscall.Kill(p, s) // one that has just ended needs none
	}
	return nil
}

// memoryOf is how much of the machine's memory a process has, in bytes.
func memoryOf(pid int) (int64, error) {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(body)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no VmRSS", pid)
}

// postgres is the server's private Postgres, 0 while there is none.
func (s *server) postgres() int {
	children := childrenOf(s.cmd.Process.Pid)
	for _, pid := range children {
		if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(name)) == "postgres" {
			return pid
		}
	}
	return 0
}
