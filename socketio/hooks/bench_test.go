package hooks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"testing"

	"expresschat/socketio"
	"expresschat/socketio/hooks"
)

type draft struct {
	Chat    string `json:"chatId"`
	Content string `json:"content"`
}

const draftText = `{"chatId":"0b9cf6ac-31a7-4f27-8c41-46a5a1b6b4a2","content":"shall we meet at the usual place, say at noon?"}`

type receipt struct {
	OK  bool   `json:"ok"`
	Seq uint64 `json:"seq"`
	ID  string `json:"id"`
}

// chat is a namespace with one handler, as realistic as can be without a database.
func chat() *socketio.Namespace {
	return &socketio.Namespace{
		Handlers: map[string]socketio.Handler{
			"send": socketio.Handle(func(_ context.Context, _ socketio.Socket, in draft) (any, error) {
				return receipt{true, uint64(len(in.Content)), in.Chat}, nil
			}),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, result any, err error) {
			if err != nil {
				result = err.Error()
			}
			c.Ack(result)
		},
	}
}

// pipe is a client that waits for its acks.
type pipe struct {
	text  []byte
	acked chan uint64
}

func (p *pipe) Ack(id uint64, result any) {
	p.text, _ = json.Marshal(result)
	p.acked <- id
}

// cpu is what this process has used, in nanoseconds.
func cpu() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEvents has clients that each send a burst of events and wait for the acks
// before they send the next one.
func BenchmarkEvents(b *testing.B) {
	for _, clients := range []int{1, 100} {
		for _, burst := range []int{1, 8} {
			b.Run(fmt.Sprintf("clients=%d/burst=%d", clients, burst), func(b *testing.B) {
				benchmark(b, clients, burst)
			})
		}
	}
}

func benchmark(b *testing.B, clients, burst int) {
	run := hooks.NewRunner(slog.New(slog.DiscardHandler))
	door := hooks.NewDoor(run, chat())
	event := hooks.Event{Name: []byte("send"), Arg: json.RawMessage(draftText)}
	b.ReportAllocs()
	before := cpu()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			p := &pipe{acked: make(chan uint64, burst)}
			var in hooks.Inbox
			in.Init(door, nil)
			in.Open()
			e := event
			e.Acker = p
			for range b.N / clients / burst {
				for range burst {
					e.AckID++
					in.Put(e)
				}
				for range burst {
					<-p.acked
				}
			}
			in.Close("bye")
		})
	}
	all.Wait()
	_ = run.Wait(b.Context())
	b.ReportMetric((cpu()-before)/float64(b.N), "cpu-ns/op")
}
