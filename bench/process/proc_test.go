package process

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

func TestProc(t *testing.T) {
	t.Parallel()
	if bytes, err := Memory(os.Getpid()); err != nil || bytes < 1<<20 {
		t.Errorf("memory: %d, %v", bytes, err)
	}
	if _, err := CPUTime(os.Getpid()); err != nil {
		t.Errorf("CPU: %v", err)
	}
	if _, err := CPUTime(-1); err == nil {
		t.Error("CPU of no process")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want stat
		err  error
	}{
		"a name that looks like fields": {
			"7 (a) b) 9) S 3 7 7 0 -1 4194304 1 2 3 4 100 20 30 4 20 0 1 0 5",
			stat{parent: 3, own: 1200 * time.Millisecond, reaped: 340 * time.Millisecond},
			nil,
		},
		"cut off":      {"7 (a) S 3 7 7 0 -1 4194304 1 2 3 4 100", stat{}, errStat},
		"not a number": {"7 (a) S 3 7 7 0 -1 4194304 1 2 3 4 100 x 30 4 20 0 1", stat{}, errStat},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse([]byte(tt.body))
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestFamily has a child that is there and one that is gone.
func TestFamily(t *testing.T) {
	t.Parallel()
	// The shell uses time of its own in a child, reads its input, and ends with that.
	cmd := exec.Command("sh", "-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; read x; true")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	children, err := Children(os.Getpid())
	if err != nil || !slices.Contains(children, cmd.Process.Pid) {
		t.Errorf("children %v, %v: want %d among them", children, err, cmd.Process.Pid)
	}
	if _, err := in.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if sum, err := FamilyCPUTime(os.Getpid()); err != nil || sum < tick {
		t.Errorf("a child that is gone used %s, %v", sum, err)
	}
}
