package zishang

import (
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

	mu   sync.Mutex
	w    *http.ResponseController // nil when the request has ended
	undo []func(time.Time) error  // deadlines that were set
}

type dialKey struct{}

// hurryReader ends a response that its client does not read.
func hurryReader(ctx *types.HttpContext) {
	hurry(ctx, (*http.ResponseController).SetWriteDeadline)
}

// hurryWriter ends a request that its client does not finish.
func hurryWriter(ctx *types.HttpContext) {
	hurry(ctx, (*http.ResponseController).SetReadDeadline)
}

func hurry(ctx *types.HttpContext, set func(*http.ResponseController, time.Time) error) {
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
		d.undo = append(d.undo, func(t time.Time) error { return set(w, t) })
		_ = set(w, time.Now().Add(haste))
	}
}

// end takes deadlines back: the next request on that connection may be anybody's.
func (d *dial) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, set := range d.undo {
		_ = set(time.Time{})
	}
	d.w = nil
}
