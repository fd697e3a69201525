package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"expresschat/bench/chat/cluster"
	"expresschat/bench/chat/load"
	"expresschat/bench/chat/world"
	"expresschat/bench/process"
)

// bench is one measurement of everything.
type bench struct {
	turns   int
	server  string // the path of our binary
	nodeDir string
	size    size

	cluster    *cluster.Cluster
	databases  int // made so far
	loadBefore string
	weight     world.Weight // of what is stored; zero without the large database
	rate       float64      // of the open loop, in messages a second
	profiler   *profiler    // nil but in a turn that only explains
}

// size is how much is measured, and for how long.
type size struct {
	quick bool
	world world.Size
	span  load.Span // of a closed loop
	// steady has a longer warm-up: the first messages of each chat write whole pages to the
	// WAL, once after a checkpoint, and split pages of indexes, which were full.
	steady load.Span
	times  int // how often what is measured one after another is
}

// The databases that others are copies of, and the one that is too large to be copied.
const (
	template = "template"
	large    = "large"
)

// files is how many files a process has open at most: the crowd, and a few.
const files = 6_500

func (b *bench) use(quick bool) {
	turns := 3
	b.size = size{
		world: world.Size{
			Crowd: 5000, HubChats: 5000, ShortChat: 1000, LongChat: 2_000_000, Stored: 5_000_000, PerChat: 1000,
		},
		span:   load.Span{Warmup: 1500 * time.Millisecond, Measured: 4 * time.Second},
		steady: load.Span{Warmup: 3 * time.Second, Measured: 5 * time.Second, AtLeast: 100 * world.Pairs},
		times:  200,
	}
	if quick {
		turns = 1
		b.size = size{
			quick: true,
			world: world.Size{
				Crowd: 1000, HubChats: 1000, ShortChat: 1000, LongChat: 100_000, Stored: 250_000, PerChat: 500,
			},
			span:   load.Span{Warmup: time.Second, Measured: 1500 * time.Millisecond},
			steady: load.Span{Warmup: time.Second, Measured: 1500 * time.Millisecond, AtLeast: 60 * world.Pairs},
			times:  40,
		}
	}
	if b.turns < 1 {
		b.turns = turns
	}
}

// run measures everything, or one row of it, and returns the report.
func (b *bench) run(ctx context.Context, only string) (string, error) {
	if err := process.RaiseLimit(files); err != nil {
		return "", err
	}
	b.loadBefore = process.LoadAverage()
	var err error
	if b.cluster, err = cluster.Start(ctx); err != nil {
		return "", err
	}
	defer b.cluster.Stop()
	if err := b.seed(ctx, only); err != nil {
		return "", err
	}
	all, err := b.measure(ctx, only)
	if err != nil {
		return "", err
	}
	why := b.explainMissed(ctx, only, all)
	return b.report(ctx, only, all, why), nil
}

// seed makes the databases. The large one only if a row needs it: it takes a while.
func (b *bench) seed(ctx context.Context, only string) error {
	b.note("seeding")
	if err := b.cluster.Create(ctx, template, ""); err != nil {
		return err
	}
	// The schema is the server's, and so is what brings it up to date.
	s, err := openStatements(ctx, b.cluster.URL(template), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	s.close()
	if err := b.fill(ctx, template, world.Seed); err != nil {
		return err
	}
	for _, row := range b.chosen(only) {
		if row.large {
			if err := b.cluster.Create(ctx, large, template); err != nil {
				return err
			}
			return b.fill(ctx, large, func(ctx context.Context, conn *pgx.Conn, size world.Size) (err error) {
				if err := world.SeedHistory(ctx, conn, size); err != nil {
					return err
				}
				b.weight, err = world.Weigh(ctx, conn)
				return err
			})
		}
	}
	return nil
}

func (b *bench) fill(ctx context.Context, database string, seed func(context.Context, *pgx.Conn, world.Size) error) error {
	conn, err := pgx.Connect(ctx, b.cluster.URL(database))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", database, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return seed(ctx, conn, b.size.world)
}

// note is a line for whoever waits.
func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}

// outcomes are those of all turns, by row and subject.
type outcomes map[string]map[string][]load.Result

// measure has the subjects of each row take turns: what else the machine does meanwhile
// then falls on all of them. Each turn has fresh processes, and a fresh database unless it
// is the large one.
func (b *bench) measure(ctx context.Context, only string) (outcomes, error) {
	all := outcomes{}
	for _, row := range b.chosen(only) {
		all[row.name] = map[string][]load.Result{}
		for turn := range b.turns {
			for _, s := range row.subjects {
				begin := time.Now()
				r, err := s.run(ctx)
				if ctx.Err() != nil {
					return nil, context.Cause(ctx) // whatever broke, it was because of that
				}
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", row.name, s.name, err)
				}
				all[row.name][s.name] = append(all[row.name][s.name], r)
				b.note("%-9s turn %d  %-16s %s", row.name, turn+1, s.name, row.brief(r, time.Since(begin)))
			}
		}
		if row.done != nil {
			row.done(all[row.name])
		}
	}
	return all, nil
}

// explainMissed has the server profiled in each row that misses a goal. Where that fails,
// the reason takes the profile's place.
func (b *bench) explainMissed(ctx context.Context, only string, all outcomes) map[string]string {
	why := map[string]string{}
	for _, row := range b.chosen(only) {
		if !row.missed(all[row.name]) {
			continue
		}
		b.note("%-9s misses its goal: profiling", row.name)
		profile, err := b.explain(ctx, row.judgedSubject())
		if err != nil {
			profile = err.Error()
		}
		why[row.name] = profile
	}
	return why
}
