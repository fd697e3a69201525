package zishang

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/zishang520/socket.io/v3/pkg/types"
)

// haste is how long a client that is dropped has to read a response or to finish a
// request.
const haste = time.Second

// dial is what one request and the transport that it belongs to share.
type dial struct {
	ws *websocket // what the request became, if it did

	settled func() // of Admit, until there is a connection

	answers sync.WaitGroup // responses that other goroutines write

	mu    sync.Mutex
	ended bool                     // no response may begin any more
	w     *http.ResponseController // nil when the request has ended
	undo  []func(time.Time) error  // deadlines that were set
}

type dialKey struct{}

var errGone = errors.New("zishang: request has ended")

// hurryReader ends a response that its client does not read.
func hurryReader(ctx *types.HttpContext) {
	hurry(ctx, (*http.ResponseController).SetWriteDeadline)
}

// bound gives a client until then to finish its request.
func bound(ctx *types.HttpContext, until time.Time) {
	set(ctx, until, (*http.ResponseController).SetReadDeadline)
}

// hurryWriter ends a request that its client does not finish.
func hurryWriter(ctx *types.HttpContext) {
	hurry(ctx, (*http.ResponseController).SetReadDeadline)
}

// answered runs write, which writes the response to ctx from another goroutine than the
// request's. The library ends a request when its client goes away, even while that is
// so; net/http would then take the response from under it. The error is errGone if the
// request has ended already.
func answered(ctx *types.HttpContext, write func() error) error {
	d, ok := ctx.Context().Value(dialKey{}).(*dial)
	if !ok {
		return errGone
	}
	d.mu.Lock()
	if d.ended {
		d.mu.Unlock()
		return errGone
	}
	d.answers.Add(1)
	d.mu.Unlock()
	defer d.answers.Done()
	return write()
}

func hurry(ctx *types.HttpContext, deadline func(*http.ResponseController, time.Time) error) {
	set(ctx, time.Now().Add(haste), deadline)
}

func set(ctx *types.HttpContext, until time.Time, deadline func(*http.ResponseController, time.Time) error) {
	if ctx == nil {
		return
	}
	d, ok := ctx.Context().Value(dialKey{}).(*dial)
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.w; w != nil {
		d.undo = append(d.undo, func(t time.Time) error { return deadline(w, t) })
		_ = deadline(w, until)
	}
}

// end waits for a response that is being written, and takes deadlines back: the next
// request on that connection may be anybody's.
func (d *dial) end() {
	if d.settled != nil {
		d.settled()
	}
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	d.answers.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, set := range d.undo {
		_ = set(time.Time{})
	}
	d.w = nil
}
