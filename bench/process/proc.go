// Package process starts the programs that are measured, each on the core that it is
// given, and reads from /proc what they cost. It knows nothing of what they serve.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU times in /proc. Linux shows them in hundredths of a second
// on every machine, whatever its kernel counts in.
const tick = time.Second / 100

var errStat = errors.New("a stat file in /proc makes no sense")

// stat is the part of a process's state that is about its time and its parent.
type stat struct {
	parent int
	own    time.Duration // used by itself, in user and system mode
	reaped time.Duration // used by its children that have ended
}

// CPUTime is what a process has used so far, in user and system mode.
func CPUTime(pid int) (time.Duration, error) {
	s, err := read(pid)
	return s.own, err
}

// FamilyCPUTime is what a process and its children have used so far, those that have
// ended too. Grandchildren are not looked for.
func FamilyCPUTime(pid int) (time.Duration, error) {
	s, err := read(pid)
	if err != nil {
		return 0, err
	}
	sum := s.own + s.reaped
	children, err := Children(pid)
	if err != nil {
		return 0, err
	}
	for _, child := range children {
		s, err := read(child)
		if errors.Is(err, os.ErrNotExist) {
			continue // it ends meanwhile
		}
		if err != nil {
			return 0, err
		}
		sum += s.own + s.reaped
	}
	return sum, nil
}

// Children are the processes that pid has started and that have not ended.
func Children(pid int) ([]int, error) {
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, path := range paths {
		child, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if s, err := read(child); err == nil && s.parent == pid {
			children = append(children, child)
		}
	}
	return children, nil
}

func read(pid int) (stat, error) {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("read CPU time: %w", err)
	}
	return parse(body)
}

func parse(body []byte) (stat, error) {
	// The process's name stands in brackets and may hold anything. After it the parent is
	// the 2nd field, and utime, stime, cutime and cstime are the 12th to the 15th.
	fields := strings.Fields(string(body[bytes.LastIndexByte(body, ')')+1:]))
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("%w: %d fields", errStat, len(fields))
	}
	var n [5]int64
	for i, field := range append([]string{fields[1]}, fields[11:15]...) {
		var err error
		if n[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return stat{}, fmt.Errorf("%w: %w", errStat, err)
		}
	}
	return stat{
		parent: int(n[0]),
		own:    time.Duration(n[1]+n[2]) * tick,
		reaped: time.Duration(n[3]+n[4]) * tick,
	}, nil
}

// Memory is the resident memory of a process, in bytes.
func Memory(pid int) (int64, error) {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(body)) {
		value, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read memory: %w", err)
		}
		return kib << 10, nil
	}
	return 0, fmt.Errorf("read memory: process %d has no VmRSS", pid)
}
