package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
)

// comeByApp has people come by VChat's door: those who are users of the other one log in
// there, and the others register.
func (o *oracle) comeByApp(w *world, names ...string) {
	w.t.Helper()
	for _, name := range names {
		if w.users[name] == nil {
			w.registered(name)
			o.apps = append(o.apps, w.users[name])
			continue
		}
		u := *w.users[name]
		data := w.nobody().ok(http.MethodPost, "user/login", obj{"email": u.email, "password": password})
		me, _ := data.(obj)
		u.access, _ = me["accessToken"].(string)
		o.apps = append(o.apps, &u)
	}
}

// startApps has everybody on an app write twice at a time, and read on two sockets, as
// VChat's apps do, in both revisions of Engine.IO.
func (o *oracle) startApps(ctx context.Context, fail context.CancelCauseFunc, seed uint64, writers, readers *sync.WaitGroup) {
	for i, u := range o.apps {
		dice := func(what int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(3000+10*i+what))) }
		for hand := range 2 {
			w := &writer{o: o, who: u, name: fmt.Sprintf("app %d, ", hand), dice: dice(hand)}
			writers.Go(func() { note(fail, w.runApp(ctx)) })
		}
		v, h := newAppView(o, u, dice(2), 3+i%2), newAppHome(o, u, dice(3), 4-i%2)
		o.appViews = append(o.appViews, v)
		readers.Go(func() { note(fail, v.run(ctx)) })
		readers.Go(func() { note(fail, h.run(ctx)) })
	}
}
