package zishang

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/zishang520/socket.io/parsers/engine/v3/packet"
	"github.com/zishang520/socket.io/servers/engine/v3/transports"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

// separator stands between the packets of a payload, since revision 4.
const separator = 0x1e

// polling is the library's transport of that name. It is writable while a poll waits.
type polling struct {
	transports.Transport
	e *engine

	mu        sync.Mutex
	conn      *conn              // nil until the library has set up the connection
	poll      *types.HttpContext // waits for packets
	answering *types.HttpContext // gets them
	posting   *types.HttpContext // is being handled
	gone      bool               // the client left its poll while that was so
	finishing bool
	over      bool
}

// Name implements the library's Transport.
func (t *polling) Name() string { return transports.POLLING }

// OnRequest implements the library's Transport.
func (t *polling) OnRequest(ctx *types.HttpContext) {
	switch ctx.Method() {
	case http.MethodGet:
		t.onPoll(ctx)
	case http.MethodPost:
		t.onPost(ctx)
	default:
		_ = reply(ctx, http.StatusMethodNotAllowed, nil)
	}
}

// start lets packets flow. Before that the client must not learn its session's id: a
// request that comes too early finds nobody.
func (t *polling) start(c *conn) {
	t.mu.Lock()
	t.conn = c
	t.SetWritable(t.poll != nil)
	t.mu.Unlock()
	t.ready()
}

// ready has the library send what is queued, if there is a poll to answer. When one
// still waits after that, nothing was; nothing is left either when nothing is counted.
func (t *polling) ready() {
	t.Emit("ready")
	t.mu.Lock()
	done := t.finishing && t.conn != nil && (t.poll != nil || t.conn.queued.Load() == 0)
	t.mu.Unlock()
	if done {
		t.end()
	}
}

func (t *polling) onPoll(ctx *types.HttpContext) {
	t.mu.Lock()
	overlap := t.poll != nil
	if t.over || overlap {
		t.mu.Unlock()
		_ = reply(ctx, http.StatusBadRequest, nil)
		if overlap {
			t.OnError("overlapping polls", nil)
		}
		return
	}
	t.poll = ctx
	_ = ctx.Once("close", func(...any) { t.onPollGone(ctx) })
	started := t.conn != nil
	if started {
		t.SetWritable(true)
	}
	t.mu.Unlock()
	if started {
		t.ready()
	}
}

// onPollGone runs when a poll has ended, which is no news if it was answered.
func (t *polling) onPollGone(ctx *types.HttpContext) {
	t.mu.Lock()
	if t.poll != ctx {
		t.mu.Unlock()
		return
	}
	t.poll = nil
	t.SetWritable(false)
	if t.posting != nil { // its events have arrived and count
		t.gone = true
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	t.OnError("client left its poll", nil)
}

// Send implements the library's Transport. It does not wait: the library holds a lock.
func (t *polling) Send(packets []*packet.Packet) {
	if len(packets) == 1 && packets[0].Type == packet.NOOP {
		t.release()
		return
	}
	t.mu.Lock()
	ctx := t.poll
	t.poll, t.answering = nil, ctx
	t.SetWritable(false)
	t.mu.Unlock()
	if ctx == nil { // the client left, and the connection ends
		written(packets)
		return
	}
	t.e.writers.Go(func() { t.answer(ctx, packets) })
}

// release answers the waiting poll, as an upgrade demands. It takes the queue for
// that: the library's own way could take the poll from under a batch.
func (t *polling) release() {
	t.mu.Lock()
	c := t.conn
	t.mu.Unlock()
	if c != nil {
		c.send(wire{text: []byte{'6'}})
	}
}

func (t *polling) answer(ctx *types.HttpContext, packets []*packet.Packet) {
	defer t.e.catch("polling")
	if t.Protocol() == 3 {
		t.e.greet(packets)
	}
	err := answered(ctx, func() error {
		ctx.ResponseHeaders().Set("Content-Type", "text/plain; charset=UTF-8")
		return reply(ctx, http.StatusOK, t.payload(packets))
	})
	t.mu.Lock()
	if t.answering == ctx {
		t.answering = nil
	}
	t.mu.Unlock()
	written(packets)
	if err != nil {
		t.OnError("poll not answered", err)
		return
	}
	t.Emit("drain")
}

func (t *polling) payload(packets []*packet.Packet) []byte {
	var body []byte
	for _, p := range packets {
		body = t.separate(body, text(p))
		for _, a := range attachments(p) {
			head := []byte{'b'}
			if t.Protocol() == 3 {
				head = append(head, messageDigit)
			}
			body = t.separate(body, base64.StdEncoding.AppendEncode(head, a))
		}
	}
	return body
}

// separate appends a packet to those before it.
func (t *polling) separate(body, packet []byte) []byte {
	if t.Protocol() == 3 {
		body = strconv.AppendInt(body, int64(utf16Len(packet)), 10)
		body = append(body, ':')
	} else if len(body) > 0 {
		body = append(body, separator)
	}
	return append(body, packet...)
}

// utf16Len is the length that JavaScript gives to text.
func utf16Len(text []byte) int {
	n := 0
	for _, r := range string(text) {
		n += utf16.RuneLen(r)
	}
	return n
}

func (t *polling) onPost(ctx *types.HttpContext) {
	t.mu.Lock()
	overlap := t.posting != nil
	if t.over || overlap {
		t.mu.Unlock()
		_ = reply(ctx, http.StatusBadRequest, nil)
		if overlap {
			t.OnError("overlapping posts", nil)
		}
		return
	}
	t.posting = ctx
	t.mu.Unlock()
	status := t.receive(ctx)
	t.mu.Lock()
	t.posting = nil
	gone := t.gone
	t.mu.Unlock()
	if status != http.StatusOK {
		_ = reply(ctx, status, nil)
	} else {
		ctx.ResponseHeaders().Set("Content-Type", "text/html") // text/plain would be offered as a download
		_ = reply(ctx, status, []byte("ok"))
	}
	if gone || status != http.StatusOK {
		t.OnError("post not handled", nil)
	}
}

// receive hands over the packets of a POST and returns the status to answer with.
func (t *polling) receive(ctx *types.HttpContext) int {
	limit := t.MaxHttpBufferSize()
	bound(ctx, time.Now().Add(t.e.opts.BodyTimeout))
	raw, err := io.ReadAll(io.LimitReader(ctx.Request().Body, limit+1))
	switch {
	case err != nil:
		return http.StatusBadRequest
	case int64(len(raw)) > limit:
		return http.StatusRequestEntityTooLarge
	}
	data := types.NewStringBuffer(raw)
	if ctx.Headers().Peek("Content-Type") == "application/octet-stream" {
		if t.Protocol() != 3 {
			return http.StatusBadRequest
		}
		data = types.NewBytesBuffer(raw)
	}
	packets, err := t.Parser().DecodePayload(data)
	for _, p := range packets {
		if p.Type == packet.CLOSE {
			t.end()
			return http.StatusOK
		}
		t.OnPacket(p)
	}
	if err != nil || len(packets) == 0 {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// finish ends the session when the client has fetched what is queued.
func (t *polling) finish() {
	t.mu.Lock()
	t.finishing = true
	t.mu.Unlock()
	t.ready()
}

// end tells the client, if it is listening, and then the library.
func (t *polling) end() {
	t.Close()
	t.OnClose()
}

// DoClose implements the library's Transport. It closes at once.
func (t *polling) DoClose(fn types.Callable) {
	t.mu.Lock()
	t.over = true
	poll, answering, posting := t.poll, t.answering, t.posting
	t.poll = nil
	t.SetWritable(false)
	t.mu.Unlock()
	if !t.Discarded() { // by an upgrade: the session goes on elsewhere
		hurryReader(answering)
		hurryWriter(posting)
	}
	if poll != nil {
		// Not a close packet, after which some clients (python-socketio) stay away.
		t.e.writers.Go(func() { t.answer(poll, []*packet.Packet{{Type: packet.NOOP}}) })
	}
	if fn != nil {
		fn()
	}
}

// reply ends a request.
func reply(ctx *types.HttpContext, status int, body []byte) error {
	ctx.ResponseHeaders().Set("Cache-Control", "no-store")
	ctx.ResponseHeaders().Set("Content-Length", strconv.Itoa(len(body)))
	_ = ctx.SetStatusCode(status)
	_, err := ctx.Write(body)
	return err
}
