//go:build unix

package localpg

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// cutOffAfter is how long Postgres may take for an immediate shutdown. The
// postmaster kills its own backends after five seconds.
const cutOffAfter = 8 * time.Second

var errCutOff = errors.New("postgres did not shut down in time and was cut off")

// process is a program that we started. The goroutine that waits for it ends with it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; written before done is closed
}

// launch starts cmd. Where the system can, it gets ourDeath when we are killed:
// that follows the thread that started it, which is therefore kept as long.
func launch(cmd *exec.Cmd, ourDeath syscall.Signal) (*process, error) {
	signalOnDeath(cmd.SysProcAttr, ourDeath)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// end shuts a postmaster down, and returns when it has ended: a fast shutdown while
// patient lasts, then an immediate one, then none at all.
func (p *process) end(patient context.Context) error {
	if patient.Err() == nil {
		_ = p.cmd.Process.Signal(syscall.SIGINT)
	}
	select {
	case <-p.done:
		return nil
	case <-patient.Done():
		select {
		case <-p.done:
			return nil
		default:
		}
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	timer := time.NewTimer(cutOffAfter)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	return errCutOff
}

// kill ends a program and all that it started, at once.
func (p *process) kill() {
	// Every program of ours leads its own group. A group without members is no
	// error that anybody could act on.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}
