//go:build unix && !linux

package localpg

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// signalOnDeath does nothing: only Linux can. A Postgres that outlives us is
// stopped by the next start.
func signalOnDeath(*syscall.SysProcAttr, syscall.Signal) {}

// listProcesses lists what runs.
func listProcesses() ([]listed, error) {
	out, err := exec.Command("ps", "-axww", "-o", "pid=", "-o", "uid=", "-o", "command=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	var all []listed
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		first, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		second, command, _ := strings.Cut(strings.TrimSpace(rest), " ")
		pid, err := strconv.Atoi(first)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(second, 10, 32)
		if err != nil {
			continue
		}
		all = append(all, listed{pid: pid, uid: uint32(uid), command: strings.TrimSpace(command)})
	}
	return all, nil
}

// worksIn cannot tell here; the command line has to do.
func worksIn(int, string) bool { return false }
