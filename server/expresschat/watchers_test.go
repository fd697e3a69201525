package expresschat

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/socketio"
)

// believer is a socket that keeps what its client believes of Ben. before is run once,
// before what is emitted has arrived: as if it had been overtaken.
type believer struct {
	socketio.Socket
	before func()
	online bool
}

func (b *believer) Emit(_ string, arg any) error {
	if f := b.before; f != nil {
		b.before = nil
		f()
	}
	switch arg := arg.(type) {
	case presence:
		b.online = b.online || slices.Contains(arg.Users, "ben")
	case presenceNews:
		b.online = arg.Online
	}
	return nil
}

// teller delivers at once.
type teller struct{ door *Door }

func (t teller) Publish(e bus.Event, _ func()) { t.door.Deliver(e) }

// What somebody is can change between the look at it and the telling, whoever tells.
func TestWhatIsToldLastIsTrue(t *testing.T) {
	t.Parallel()
	ben := chat.Listed{Summary: chat.Summary{Room: "room", Kind: bus.Personal, Partner: chat.Person{ID: "ben"}}}
	tell := map[string]func(d *Door, c *conn){
		"who arrives": func(d *Door, c *conn) {
			_, _, said := d.lists([]chat.Listed{ben})
			c.socket.(*believer).online = said["ben"]
			d.greet(c, []chat.Listed{ben}, said)
		},
		"who has a new chat": func(d *Door, c *conn) {
			d.meet(c, bus.RoomCreated{
				Place: bus.Place{Room: "room", Kind: bus.Personal}, Members: []bus.Member{{User: "ana"}, {User: "ben"}},
			})
		},
	}
	for who, tells := range tell {
		for _, comes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s while Ben comes is %v", who, comes), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := &Door{watchers: newWatchers()}
					d.online = chat.NewPresence(teller{d})
					s := &believer{}
					c := &conn{user: auth.User{ID: "ana"}, socket: s}
					come := func() func() { return d.online.Enter("ben", "Ben") }
					if comes {
						s.before = func() { come() }
					} else {
						leave := come()
						s.before = func() {
							leave()
							time.Sleep(2 * chat.Grace)
							synctest.Wait()
						}
					}
					tells(d, c)
					if s.before != nil || s.online != comes {
						t.Errorf("Ana believes that online is %v", s.online)
					}
					d.watchers.forget(c)
					if len(d.watchers.byUser) > 0 {
						t.Error("who has ended is listed")
					}
					d.meet(c, bus.RoomCreated{Members: []bus.Member{{User: "ben"}}})
					if len(d.watchers.byUser) > 0 {
						t.Error("who had ended was listed")
					}
				})
			})
		}
	}
}
