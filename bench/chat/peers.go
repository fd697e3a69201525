package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/bench/process"
)

// The servers, as the tables call them.
const (
	oursName = "ours"
	nodeName = "node + pg"
	bareName = "node, no database"
)

// keys sign the tokens of everybody. Nothing that they protect outlives the run.
var keys = world.Keys{
	Access:  "an access secret for nothing but measurements",
	Refresh: "a refresh secret for nothing but measurements",
}

// running is a server with a database, ready to be measured.
type running struct {
	*process.Child
	peer  load.Peer
	meter load.Meter
}

// act is what a server is measured with.
type act func(ctx context.Context, s running) (load.Result, error)

// fresh starts the server so named on a copy of the template, and has it measured.
func (b *bench) fresh(name string, do act) func(ctx context.Context) (load.Result, error) {
	return func(ctx context.Context) (load.Result, error) {
		b.databases++
		database := fmt.Sprintf("turn%d", b.databases)
		if err := b.cluster.Create(ctx, database, template); err != nil {
			return load.Result{}, err
		}
		defer func() { _ = b.cluster.Drop(context.WithoutCancel(ctx), database) }()
		return b.on(ctx, name, database, do)
	}
}

// lasting starts ours on the large database, and has it measured.
func (b *bench) lasting(do act) func(ctx context.Context) (load.Result, error) {
	return func(ctx context.Context) (load.Result, error) { return b.on(ctx, oursName, large, do) }
}

func (b *bench) on(ctx context.Context, name, database string, do act) (r load.Result, err error) {
	spec, peer, err := b.spec(name, database)
	if err != nil {
		return load.Result{}, err
	}
	defer func() { _ = os.RemoveAll(spec.Folder) }()
	// What servers say is of interest only if something goes wrong.
	said := &process.Tail{}
	spec.Stderr = said
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, said)
		}
	}()
	child, err := process.Start(ctx, spec)
	if err != nil {
		return load.Result{}, err
	}
	defer child.Stop()
	peer.Addr = child.Addr
	// What was written so far is not to be written out while this is measured.
	if err := b.cluster.Checkpoint(ctx); err != nil {
		return load.Result{}, err
	}
	meter := b.profiled(b.meter(child.PID, database), spec.Folder, database)
	if r, err = do(ctx, running{child, peer, meter}); err != nil {
		return load.Result{}, err
	}
	r.Memory, err = process.Memory(child.PID)
	return r, err
}

func (b *bench) spec(name, database string) (process.Spec, load.Peer, error) {
	script := filepath.Join(b.nodeDir, "server.mjs")
	switch name {
	case nodeName:
		return process.Spec{
			Name: name, Args: []string{"node", script},
			Env: append(b.cluster.Environment(database), "NODE_ENV=production"),
		}, load.Peer{Auth: world.Word, Greets: true}, nil
	case bareName:
		return process.Spec{
			Name: name, Args: []string{"node", script, "no-database"}, Env: []string{"NODE_ENV=production"},
		}, load.Peer{Auth: world.Word, Greets: true}, nil
	case referenceName:
		self, err := os.Executable()
		return process.Spec{Name: name, Args: []string{self, "reference", b.cluster.URL(database)}},
			load.Peer{Auth: func(int) (string, error) { return "{}", nil }}, err
	}
	data, err := os.MkdirTemp("", "expresschat-bench-data-*")
	return process.Spec{
		Name: name, Args: []string{b.binary(), "serve"}, Signal: syscall.SIGTERM, Folder: data,
		Env: []string{
			"CHAT_ADDR=127.0.0.1:0", "CHAT_DATABASE_URL=" + b.cluster.URL(database), "CHAT_DATA_DIR=" + data,
			"CHAT_ACCESS_SECRET=" + keys.Access, "CHAT_REFRESH_SECRET=" + keys.Refresh, "CHAT_LIMITS=off",
			profileSocket + "=" + filepath.Join(data, profileSocket),
		},
	}, load.Peer{Auth: keys.Tokens, Greets: true, Strict: true}, err
}

// meter reads what a server and all of Postgres have used.
func (b *bench) meter(pid int, database string) load.Meter {
	return func(ctx context.Context) (u load.Usage, err error) {
		for _, clock := range []struct {
			into *time.Duration
			read func() (time.Duration, error)
		}{
			{&u.Server, func() (time.Duration, error) { return process.CPUTime(pid) }},
			{&u.Database, b.cluster.CPUTime},
			{&u.Load, func() (time.Duration, error) { return process.CPUTime(os.Getpid()) }},
		} {
			if *clock.into, err = clock.read(); err != nil {
				return load.Usage{}, err
			}
		}
		work, err := b.cluster.Statements(ctx, database)
		u.Statements, u.Buffers, u.WAL = work.Calls, work.Buffers, work.WAL
		return u, err
	}
}
