package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/socketio"
	"expresschat/socketio/own"
)

// referenceName is that of a process that has our server's parts and not the server: the
// engine, which echoes, and the statements, which are sent from where the server sends
// them.
const referenceName = "reference"

// reference serves both until in ends.
func reference(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := openStatements(ctx, url, log)
	if err != nil {
		return err
	}
	defer s.close()
	engine := own.New(own.Options{Logger: log})
	engine.Open(socketio.Namespace{
		Name:      "/",
		Authorise: func(context.Context, socketio.Handshake) (any, error) { return nil, nil },
		Handlers: map[string]socketio.Handler{
			"echo": socketio.Handle(func(_ context.Context, _ socketio.Socket, m json.RawMessage) (any, error) { return m, nil }),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
			if err == nil {
				c.Ack(result)
			}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", engine)
	mux.HandleFunc("/append", timed(s.appendOne))
	mux.HandleFunc("/lists", timed(s.lists))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	fmt.Fprintln(out, l.Addr())
	_, _ = io.Copy(io.Discard, in)
	_ = engine.Stop(ctx)
	_ = server.Close()
	<-ended
	return nil
}

// timed does the same n times, one after another, and answers how long each took.
func timed(once func(ctx context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		took := make([]time.Duration, 0, max(n, 0))
		for err == nil && len(took) < n {
			begin := time.Now()
			err = once(r.Context())
			took = append(took, time.Since(begin))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(took)
	}
}

// times asks the reference for n times of one thing, sorted, after a few that don't count.
func times(ctx context.Context, addr, path string, n int) ([]time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/%s?n=%d", addr, path, n+n/5), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the reference: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("ask the reference: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the reference: %w: %s", load.ErrAnswer, body)
	}
	var took []time.Duration
	if err := json.Unmarshal(body, &took); err != nil {
		return nil, fmt.Errorf("ask the reference: %w", err)
	}
	took = took[n/5:]
	slices.Sort(took)
	return took, nil
}

// bareSend is a message without a server: its statements and an echo, each by itself. The
// waits are sums of those of the same rank, so that their median is the sum of medians.
func (b *bench) bareSend(ctx context.Context, s running) (load.Result, error) {
	statements, err := times(ctx, s.Addr, "append", b.size.times)
	if err != nil {
		return load.Result{}, err
	}
	r, err := load.Echoes(ctx, s.peer, b.size.times, s.meter)
	for i := range r.Waits {
		r.Waits[i] += statements[i]
	}
	return r, err
}

// bareLists is the same rows that a connecting client is greeted with, without the client.
func (b *bench) bareLists(ctx context.Context, s running) (load.Result, error) {
	before, err := s.meter(ctx)
	if err != nil {
		return load.Result{}, err
	}
	n := b.visits()
	waits, err := times(ctx, s.Addr, "lists", n)
	if err != nil {
		return load.Result{}, err
	}
	after, err := s.meter(ctx)
	return load.Result{Count: n, Waits: waits, Used: after.Less(before)}, err
}

// visits is how often somebody with very many chats connects.
func (b *bench) visits() int { return max(b.size.times/5, 10) }

// hub is who that is.
func hub() string { return world.User(world.Hub) }
