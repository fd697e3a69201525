package sockets

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for sockets and for one moment at once. Level-triggered: what is left in
// a socket is told again.
type poller struct {
	epoll  int
	timer  int
	events []unix.EpollEvent
}

// atOnce is how many sockets one wait tells of at most. The others come with the next.
const atOnce = 256

func newPoller() (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make epoll: %w", err)
	}
	// The timeout of epoll counts in milliseconds, which is as long as an answer takes.
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		_ = unix.Close(epoll)
		return nil, fmt.Errorf("make timer: %w", err)
	}
	p := &poller{epoll: epoll, timer: timer, events: make([]unix.EpollEvent, atOnce)}
	if err := p.watch(timer, false); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *poller) close() {
	_ = unix.Close(p.timer)
	_ = unix.Close(p.epoll)
}

// watch begins to wait for what a socket has to read, and for its room to write if asked.
func (p *poller) watch(fd int, write bool) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, write)
}

func (p *poller) rewatch(fd int, write bool) error {
	return p.control(unix.EPOLL_CTL_MOD, fd, write)
}

func (p *poller) control(op, fd int, write bool) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if write {
		event.Events |= unix.EPOLLOUT
	}
	if err := unix.EpollCtl(p.epoll, op, fd, &event); err != nil {
		return fmt.Errorf("watch socket: %w", err)
	}
	return nil
}

// alarm ends a wait after d, which is at least a nanosecond. 0 is no alarm.
func (p *poller) alarm(d time.Duration) error {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 0)))}
	if err := unix.TimerfdSettime(p.timer, 0, &spec, nil); err != nil {
		return fmt.Errorf("set timer: %w", err)
	}
	return nil
}

// wait returns once there is something to do, or after limit, and tells each socket.
func (p *poller) wait(limit time.Duration, tell func(fd int, read, write bool) error) error {
	n, err := unix.EpollWait(p.epoll, p.events, int(limit/time.Millisecond))
	if err == unix.EINTR {
		return nil
	}
	if err != nil {
		return fmt.Errorf("wait for sockets: %w", err)
	}
	for _, event := range p.events[:n] {
		fd := int(event.Fd)
		if fd == p.timer {
			// Whoever set it looks at the clock. Here it only has to fall silent.
			var ticks [8]byte
			_, _ = unix.Read(fd, ticks[:])
			continue
		}
		if err := tell(fd, event.Events&^unix.EPOLLOUT != 0, event.Events&unix.EPOLLOUT != 0); err != nil {
			return err
		}
	}
	return nil
}
