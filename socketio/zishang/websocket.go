package zishang

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"
	"github.com/zishang520/socket.io/servers/engine/v3/transports"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// The kinds of websocket messages, by RFC 6455.
const (
	textMessage   = 1
	binaryMessage = 2
	closeMessage  = 8
)

// linger is how long a client has to answer a close frame.
const linger = 5 * time.Second

// websocket is the library's transport of that name.
type websocket struct {
	transports.Transport
	e   *engine
	ctx *types.HttpContext
	ws  *types.WebSocketConn

	writing   sync.Mutex // one batch at a time
	inflight  atomic.Int32
	broken    atomic.Bool // a write has failed
	finishing atomic.Bool
	farewell  sync.Once
}

// Name implements the library's Transport.
func (t *websocket) Name() string { return transports.WEBSOCKET }

// HandlesUpgrades implements the library's Transport.
func (t *websocket) HandlesUpgrades() bool { return true }

// OnRequest implements the library's Transport. It gets the request that became this
// websocket, and polls that come late.
func (t *websocket) OnRequest(ctx *types.HttpContext) {
	if ctx.Websocket == nil {
		_ = reply(ctx, http.StatusBadRequest, nil)
	}
}

// read hands over what arrives until the connection ends.
func (t *websocket) read() {
	t.ctx.Flush() // ends the goroutine with which the library watches the request
	defer t.OnClose()
	defer t.ws.Close()
	for {
		kind, r, err := t.ws.NextReader()
		if err != nil {
			return
		}
		data := types.NewStringBuffer(nil)
		if kind == binaryMessage {
			data = types.NewBytesBuffer(nil)
		}
		if _, err := data.ReadFrom(r); err != nil {
			return
		}
		t.OnData(data)
	}
}

// Send implements the library's Transport. It does not wait: the library holds a lock.
func (t *websocket) Send(packets []*packet.Packet) {
	t.inflight.Add(1)
	t.SetWritable(false)
	t.e.writers.Go(func() { t.write(packets) })
}

func (t *websocket) write(packets []*packet.Packet) {
	defer t.e.catch("websocket")
	if t.Protocol() == 3 {
		t.e.greet(packets)
	}
	t.writing.Lock()
	for _, p := range packets {
		t.message(textMessage, text(p))
		for _, a := range attachments(p) {
			if t.Protocol() == 3 {
				a = append([]byte{messageDigit - '0'}, a...)
			}
			t.message(binaryMessage, a)
		}
		written([]*packet.Packet{p})
	}
	t.writing.Unlock()
	t.SetWritable(true)
	t.Emit("drain")
	t.Emit("ready") // the library sends what has queued up
	if t.inflight.Add(-1) == 0 && t.finishing.Load() {
		t.bye()
	}
}

// message writes one message. When that fails the client is gone, but what it sent before
// may still be there to be read. The reader finds the end.
func (t *websocket) message(kind int, data []byte) {
	if !t.broken.Load() && t.ws.WriteMessage(kind, data) != nil {
		t.broken.Store(true)
	}
}

// finish closes the websocket after what is queued is written.
func (t *websocket) finish() {
	t.finishing.Store(true)
	if t.inflight.Load() == 0 {
		t.bye()
	}
}

// bye sends a close frame and gives the client some time to answer it: closing with
// unread data on this side could destroy what the client has not read on its own.
func (t *websocket) bye() {
	t.farewell.Do(func() {
		t.e.writers.Go(func() {
			normal := []byte{1000 >> 8, 1000 & 0xff}
			_ = t.ws.WriteControl(closeMessage, normal, time.Now().Add(time.Second))
			_ = t.ws.SetReadDeadline(time.Now().Add(linger))
		})
	})
}

// DoClose implements the library's Transport. It closes at once.
func (t *websocket) DoClose(fn types.Callable) {
	_ = t.ws.Close()
	if fn != nil {
		fn()
	}
}
