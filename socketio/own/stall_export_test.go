package own

import (
	"time"

	"expresschat/socketio"
	"expresschat/socketio/engineio"
)

// NewBounded is New with other bounds of what may wait for a client.
func NewBounded(opts Options, maxBehind, maxQueue int, maxStall time.Duration) socketio.Engine {
	e := New(opts).(*engine)
	e.eio = engineio.New(engineio.Options{
		PingInterval: opts.PingInterval, PingTimeout: opts.PingTimeout,
		MaxBehind: maxBehind, MaxQueue: maxQueue, MaxStall: maxStall,
	}, e.connected)
	return e
}
