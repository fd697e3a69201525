package groups_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/chat/lane"
	"expresschat/groups"
	"expresschat/store"
	"expresschat/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// circle is people whose groups are in a real log, on a real store. It keeps what the doors
// are told.
type circle struct {
	*testing.T
	*groups.Service
	store *store.Store
	lanes *lane.Log
	bus   *bus.Local

	mu     sync.Mutex
	events map[bus.RoomID][]bus.Placed
}

func newCircle(t *testing.T) *circle {
	t.Helper()
	t.Parallel()
	c := &circle{T: t, store: storetest.Open(t), events: map[bus.RoomID][]bus.Placed{}}
	c.bus = bus.NewLocal(2, slog.New(slog.DiscardHandler))
	c.bus.Attach(c)
	c.lanes = lane.New(2, c.store, c.bus)
	c.Service = groups.New(c.lanes, c.store, 512)
	t.Cleanup(c.stop)
	return c
}

func (c *circle) stop() {
	ctx := context.Background()
	if err := c.lanes.Stop(ctx); err != nil {
		c.Error(err)
	}
	if err := c.bus.Stop(ctx); err != nil {
		c.Error(err)
	}
}

// Deliver implements bus.Door.
func (c *circle) Deliver(e bus.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := e.(bus.Placed)
	c.events[at.Where().Room] = append(c.events[at.Where().Room], at)
}

func (c *circle) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *circle) people(n int) []auth.Actor {
	c.Helper()
	actors := make([]auth.Actor, n)
	for i := range actors {
		id := auth.NewUserID()
		email := string(id) + "@example.org"
		su := auth.SignUp{ID: id, Email: email, Name: fmt.Sprint("p", i), PasswordHash: "p", Code: auth.CodeState{Source: auth.FromWeb, Hash: []byte("c")}}
		c.must(c.store.SaveSignUp(c.Context(), su, auth.Letter{To: email}))
		_, _, err := c.store.Redeem(c.Context(), auth.EmailKey(email), auth.Session{ID: auth.NewSessionID(), Kind: auth.PairSession},
			func(auth.SignUp) auth.Verdict { return auth.Granted })
		c.must(err)
		actors[i] = auth.Actor{User: id}
	}
	return actors
}

// group makes a group of the first actor's.
func (c *circle) group(actors []auth.Actor) bus.RoomID {
	c.Helper()
	plan := groups.Plan{Name: "g"}
	for _, a := range actors[1:] {
		plan.Members = append(plan.Members, a.User)
	}
	made, err := c.Create(c.Context(), actors[0], plan)
	c.must(err)
	return made.Group
}

// members are those of a group as somebody in it sees them.
func (c *circle) members(by auth.Actor, group bus.RoomID) []chat.Member {
	c.Helper()
	h, err := c.store.History(c.Context(), by.User, group, bus.Group, chat.Page{Limit: 1})
	c.must(err)
	return h.Members
}

// replay plays the events of a group from its first on, in the order in which the doors were
// told of them. It returns who is left; at each step there is one owner.
func (c *circle) replay(group bus.RoomID) map[auth.UserID]bus.Role {
	c.Helper()
	c.stop() // all is told now
	c.mu.Lock()
	defer c.mu.Unlock()
	in := map[auth.UserID]bus.Role{}
	var ended bool
	for i, e := range c.events[group] {
		if at := e.Where(); at.Seq != int64(i+1) {
			c.Fatalf("event %d has seq %d: %+v", i, at.Seq, e)
		}
		switch e := e.(type) {
		case bus.RoomCreated:
			for _, m := range e.Members {
				in[m.User] = m.Role
			}
		case bus.MemberAdded:
			in[e.Member.User] = bus.Plain
		case bus.MemberRemoved:
			delete(in, e.Member.User)
		case bus.OwnerChanged:
			in[e.By.User], in[e.Member.User] = bus.Plain, bus.Owner
		case bus.RoleChanged:
			in[e.Member.User] = e.Member.Role
		case bus.RoomDeleted:
			clear(in)
			ended = true
		}
		owners := 0
		for _, role := range in {
			if role == bus.Owner {
				owners++
			}
		}
		if owners != 1 && !ended {
			c.Fatalf("%d owners after %#v", owners, e)
		}
	}
	return in
}

func TestRetiringPassesTheGroupOn(t *testing.T) {
	c := newCircle(t)
	p := c.people(4)
	group := c.group(p)
	c.must(c.Promote(t.Context(), p[0], group, p[3].User))
	c.must(c.Retire(t.Context(), p[1], group)) // a member: nothing to pass on
	c.must(c.Retire(t.Context(), p[0], group))
	members := c.members(p[2], group)
	if len(members) != 2 || members[0].User != p[2].User || members[1].Role != bus.Owner {
		t.Fatalf("after the owner: %+v", members)
	}
	c.must(c.Retire(t.Context(), p[3], group))
	if members = c.members(p[2], group); len(members) != 1 || members[0].Role != bus.Owner {
		t.Fatalf("after the admin: %+v", members)
	}
	c.must(c.Retire(t.Context(), p[2], group))
	if left := c.replay(group); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
	last := c.events[group][len(c.events[group])-1]
	if _, ended := last.(bus.RoomDeleted); !ended {
		t.Errorf("the last event is %#v", last)
	}
}

// However many leave at once, the group has one owner until it has ended.
func TestAllRetireAtOnce(t *testing.T) {
	c := newCircle(t)
	p := c.people(6)
	var rooms []bus.RoomID
	for range 6 {
		rooms = append(rooms, c.group(p))
	}
	var wg sync.WaitGroup
	for _, room := range rooms {
		for _, by := range p {
			wg.Go(func() {
				if err := c.Retire(t.Context(), by, room); err != nil {
					t.Errorf("retire: %v", err)
				}
			})
		}
	}
	wg.Wait()
	for _, room := range rooms {
		if left := c.replay(room); len(left) != 0 {
			t.Errorf("left are %v", left)
		}
	}
}

// Nor is it otherwise while others come, are kicked and get roles. Who is left in the end
// is who stayed, and one of them is the owner.
func TestSomeRetireAmongOtherChanges(t *testing.T) {
	c := newCircle(t)
	p := c.people(8)
	stays, comes := p[5], p[6:]
	group := c.group(p[:6])
	var wg sync.WaitGroup
	for _, by := range p[:5] {
		wg.Go(func() {
			if err := c.Retire(t.Context(), by, group); err != nil {
				t.Errorf("retire: %v", err)
			}
		})
	}
	for i := range 4 {
		dice := rand.New(rand.NewPCG(uint64(i), 1))
		wg.Go(func() {
			for range 10 { // most of it is refused, rightly
				by, target := p[dice.IntN(6)], comes[dice.IntN(2)].User
				switch dice.IntN(4) {
				case 0:
					_ = c.Add(t.Context(), by, group, target)
				case 1:
					_ = c.Kick(t.Context(), by, group, target)
				case 2:
					_ = c.Promote(t.Context(), by, group, target)
				case 3:
					_ = c.Demote(t.Context(), by, group, target)
				}
			}
		})
	}
	wg.Wait()
	members := c.members(stays, group)
	left := c.replay(group)
	if len(left) != len(members) || left[stays.User] == bus.None {
		t.Errorf("left are %v, and there are %+v", left, members)
	}
	for _, m := range members {
		if left[m.User] != m.Role {
			t.Errorf("%s is %s, but was told to be %s", m.Name, m.Role, left[m.User])
		}
	}
}
