// Package load drives a Socket.IO server with raw websockets and measures what that
// costs the server. It knows the protocol and the few events of the measured
// application, but no engine: a server is an address and a process.
//
// The load must cost less than the server it measures, or it would measure itself. So
// what the clients send is made once, what they get is compared with what it has to be
// instead of being decoded, and a socket costs one goroutine that reads.
package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"expresschat/bench/process"
)

// Target is a server.
type Target struct {
	Addr string // host and port
	PID  int    // of its process, whose CPU and memory are read from /proc
}

// Kind says what a phase's clients do.
type Kind string

// The kinds of load.
const (
	// Echo is a closed loop: each client sends a message, waits for its ack, and
	// sends the next.
	Echo Kind = "echo"
	// Rooms has the first Senders of each room send, and counts deliveries.
	Rooms Kind = "rooms"
	// Idle has Clients connect and stay, and asks for the server's memory.
	Idle Kind = "idle"
	// Connect has Clients come and go by websocket, each Messages times.
	Connect Kind = "connect"
	// Poll has them come and go by long polling.
	Poll Kind = "poll"
)

// Phase is one measurement.
type Phase struct {
	Kind     Kind
	Clients  int // in all
	Rooms    int // the clients sit in as many rooms, evenly
	Senders  int // of each room
	Window   int // messages that a sender has under way at most
	Warmup   int // of each sender, before the measurement
	Messages int // of each sender, in one round of it

	// AtLeast is how long rounds go on. All servers get the same rounds, but a fast one
	// more of them, or its CPU time would be too few ticks to tell.
	AtLeast time.Duration
}

// Result is what a phase measured. What does not belong to its kind is zero.
type Result struct {
	Count     int           // messages answered, deliveries, or visits
	Wall      time.Duration // how long they took
	ServerCPU time.Duration // what the server's process used meanwhile, in all its threads
	LoadCPU   time.Duration // what the load used meanwhile
	Median    time.Duration // of the time between message and ack
	P99       time.Duration
	PerClient float64 // bytes of resident memory that one connection adds
}

// ErrAnswer means that a server did not answer as the application does.
var ErrAnswer = errors.New("load: unexpected answer")

// Measure runs a phase against a server that nobody else uses.
func Measure(ctx context.Context, t Target, p Phase) (Result, error) {
	measure, ok := map[Kind]func(context.Context, Target, Phase) (Result, error){
		Echo:    echo,
		Rooms:   rooms,
		Idle:    idle,
		Connect: connect,
		Poll:    poll,
	}[p.Kind]
	if !ok {
		return Result{}, fmt.Errorf("load: no kind %q", p.Kind)
	}
	r, err := measure(ctx, t, p)
	if err != nil && ctx.Err() != nil {
		// The end of the context closes the sockets, which then fail somehow.
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return r, err
}

// timed runs rounds for as long as they shall go on, and says what they took. The
// result's count is that of the rounds.
func timed(t Target, atLeast time.Duration, round func() error) (Result, error) {
	server, err := process.CPUTime(t.PID)
	if err != nil {
		return Result{}, err
	}
	own, err := process.CPUTime(os.Getpid())
	if err != nil {
		return Result{}, err
	}
	var r Result
	for begin := time.Now(); r.Count == 0 || r.Wall < atLeast; r.Wall = time.Since(begin) {
		if err := round(); err != nil {
			return Result{}, err
		}
		r.Count++
	}
	after, err := process.CPUTime(t.PID)
	if err != nil {
		return Result{}, err
	}
	ownAfter, err := process.CPUTime(os.Getpid())
	if err != nil {
		return Result{}, err
	}
	r.ServerCPU, r.LoadCPU = after-server, ownAfter-own
	return r, nil
}
