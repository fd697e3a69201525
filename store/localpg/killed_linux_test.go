package localpg

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPostgresEndsWithAKilledServer(t *testing.T) {
	t.Parallel()
	o := quick(dataFolder(t))
	server, output := runServer(t, o.DataDir, "")
	_, err := output.ReadString('\n')
	must(t, err)
	at, err := locate(limited(t), o, candidates())
	must(t, err)
	postgres, err := unix.PidfdOpen((&cluster{dir: at.dir}).postmaster(), 0)
	must(t, err)
	defer unix.Close(postgres)
	kill(server)
	events := []unix.PollFd{{Fd: int32(postgres), Events: unix.POLLIN}}
	deadline := time.Now().Add(time.Minute)
	for {
		n, err := unix.Poll(events, int(time.Until(deadline).Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		must(t, err)
		if n == 0 {
			t.Fatal("postgres outlives its server")
		}
		break
	}
	mustStop(t, mustStart(t, o))
}
