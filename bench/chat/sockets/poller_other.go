//go:build !linux

package sockets

import (
	"errors"
	"time"
)

// poller is for Linux, as all of the measurement is: it reads /proc and pins to cores.
type poller struct{}

func newPoller() (*poller, error) { return nil, errors.New("measuring needs Linux") }

func (*poller) close() {}

func (*poller) watch(int, bool) error { return nil }

func (*poller) rewatch(int, bool) error { return nil }

func (*poller) alarm(time.Duration) error { return nil }

func (*poller) wait(time.Duration, func(int, bool, bool) error) error { return nil }
