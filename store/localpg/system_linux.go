package localpg

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// signalOnDeath has the kernel send sig to the program when the thread that
// started it ends.
func signalOnDeath(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// listProcesses lists what runs. Command lines are open to everybody, unlike the
// links to a process' program and folder, which even root may not read in a
// container; a process that is dead and not reaped yet has none and is left out.
func listProcesses() ([]listed, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		raw, err := os.ReadFile(filepath.Join("/proc", name, "cmdline"))
		if err != nil || len(raw) == 0 {
			continue
		}
		info, err := os.Stat(filepath.Join("/proc", name))
		if err != nil {
			continue
		}
		all = append(all, listed{
			pid: pid, uid: info.Sys().(*syscall.Stat_t).Uid,
			command: strings.ReplaceAll(strings.TrimRight(string(raw), "\x00"), "\x00", " "),
		})
	}
	return all, nil
}

// worksIn tells whether the process has dir as its folder, false if that is hidden.
func worksIn(pid int, dir string) bool {
	there, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false
	}
	here, err := os.Stat(dir)
	return err == nil && os.SameFile(there, here)
}
