package main

import (
	"time"

	"expresschat/bench/chat/load"
	"expresschat/bench/results"
)

// The figures that several rows have. Where against is empty, they are compared with
// nothing.

func acked(against string, goals ...results.Goal) measure {
	return measure{results.Measure{Name: "acked a second", Against: against, Goals: goals}, perSecond}
}

func delivered(against string) measure {
	return measure{
		results.Measure{Name: "delivered a second", Against: against},
		func(r load.Result) float64 { return float64(r.Delivered) / r.Wall.Seconds() },
	}
}

// cpu is that of a server and Postgres together, which the goal is for, and of either.
func cpu(against string, goals ...results.Goal) []measure {
	per := func(used func(load.Usage) time.Duration) func(load.Result) float64 {
		return func(r load.Result) float64 { return 1000 * used(r.Used).Seconds() / float64(r.Count) }
	}
	return []measure{
		{
			results.Measure{Name: "CPU seconds a 1,000 messages", Against: against, Goals: goals},
			per(func(u load.Usage) time.Duration { return u.Server + u.Database }),
		},
		{results.Measure{Name: "of them the server's", Against: against}, per(func(u load.Usage) time.Duration { return u.Server })},
		{results.Measure{Name: "of them Postgres'", Against: against}, per(func(u load.Usage) time.Duration { return u.Database })},
	}
}

func waits(against string, goals ...results.Goal) []measure {
	return []measure{
		{results.Measure{Name: "wait for the ack, median, ms", Against: against, Goals: goals}, quantile(0.5)},
		{results.Measure{Name: "wait for the ack, p99, ms", Against: against, Goals: goals}, quantile(0.99)},
	}
}

// busy tells whose a rate is: that of a core which is always busy.
func busy() []measure {
	return []measure{
		{results.Measure{Name: "server's core busy, %"}, func(r load.Result) float64 {
			return 100 * r.Used.Server.Seconds() / r.Wall.Seconds()
		}},
		{results.Measure{Name: "other core busy, %"}, func(r load.Result) float64 {
			return 100 * (r.Used.Database + r.Used.Load).Seconds() / r.Wall.Seconds()
		}},
	}
}

func memory() measure {
	return measure{
		results.Measure{Name: "resident memory of the server, MiB"},
		func(r load.Result) float64 { return float64(r.Memory) / (1 << 20) },
	}
}

// late is only what the peers are allowed: a run of ours fails with the first one.
func late() measure {
	return measure{
		results.Measure{Name: "deliveries out of order"},
		func(r load.Result) float64 { return float64(r.Late) },
	}
}

func perSecond(r load.Result) float64 { return float64(r.Count) / r.Wall.Seconds() }

func quantile(q float64) func(load.Result) float64 {
	return func(r load.Result) float64 { return float64(r.Quantile(q)) / float64(time.Millisecond) }
}

func median(turns []load.Result, of func(load.Result) float64) float64 {
	return results.Median(figures(turns, of))
}

func figures(turns []load.Result, of func(load.Result) float64) []float64 {
	all := make([]float64, len(turns))
	for i, r := range turns {
		all[i] = of(r)
	}
	return all
}
