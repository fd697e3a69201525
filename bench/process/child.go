package process

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Server and load have a core each, so that neither waits for the other, and so that a
// server can't look fast by using more of the machine. Go sees one CPU then, and starts
// as if there were no other.
const (
	ServerCore = "0"
	LoadCore   = "1"
)

// stopTime is how long a server may take to end. It is killed then.
const stopTime = 20 * time.Second

// RaiseLimit lets this process and its children have so many files open.
func RaiseLimit(files uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	// Go has raised its own limit already, but gives children the old one until the
	// limit is set by hand.
	limit.Cur, limit.Max = max(limit.Cur, files), max(limit.Max, files)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", files, err)
	}
	return nil
}

// Child is a server that was started. It has the end of its input, and where that does
// not mean anything to it a signal, as the word to stop.
type Child struct {
	Addr string // host and port that it listens on
	PID  int

	cmd    *exec.Cmd
	stdin  io.Closer
	signal os.Signal
}

// Spec says what to start.
type Spec struct {
	Name string
	Args []string // the program first
	Env  []string // on top of ours
	// Signal asks it to stop, if the end of its input does not.
	Signal os.Signal
	// Folder is the server's own, if it has one. Whoever made it removes it.
	Folder string
	// Stderr is where its complaints go, ours if nil.
	Stderr io.Writer
}

// Start starts a server on the servers' core. It returns once the server has printed a
// line, at the end of which its address stands. It is killed when ctx ends.
func Start(ctx context.Context, s Spec) (*Child, error) {
	// taskset becomes the server, so its process id is the server's.
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", ServerCore}, s.Args...)...)
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.Stderr = os.Stderr
	if s.Stderr != nil {
		cmd.Stderr = s.Stderr
	}
	cmd.WaitDelay = 10 * time.Second
	// Ctrl-C in a terminal is for us, and we end the servers in our own way.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	c := &Child{PID: cmd.Process.Pid, cmd: cmd, stdin: stdin, signal: s.Signal}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.Stop()
		return nil, fmt.Errorf("%s printed no address: %w", s.Name, err)
	}
	c.Addr = address(line)
	return c, nil
}

// address is the last word of a line, without a scheme if it is a URL.
func address(line string) string {
	line = strings.TrimSpace(line)
	line = line[strings.LastIndexByte(line, ' ')+1:]
	if _, host, ok := strings.Cut(line, "://"); ok {
		return host
	}
	return line
}

// Stop ends the server. How it ends is not what is measured here.
func (c *Child) Stop() {
	_ = c.stdin.Close()
	if c.signal != nil {
		_ = c.cmd.Process.Signal(c.signal)
	}
	late := time.AfterFunc(stopTime, func() { _ = c.cmd.Process.Kill() })
	_ = c.cmd.Wait()
	late.Stop()
}
