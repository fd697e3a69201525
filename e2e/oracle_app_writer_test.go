package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// runApp writes by VChat's REST until it is enough. There is no ClientId there: what is not
// answered is dropped, and is stored once, or not at all.
func (w *writer) runApp(ctx context.Context) error {
	before := map[string]*draft{} // the last one that was answered, by chat
	for w.more() {
		d := w.compose()
		d.after = before[d.chat.id]
		answered, err := w.post(ctx, d)
		if err != nil {
			return err
		}
		if answered {
			before[d.chat.id] = d
			w.o.answered(d)
			continue
		}
		d.dropped = true
		if err := w.awaitServer(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) post(ctx context.Context, d *draft) (answered bool, err error) {
	kind := map[string]string{"personal": "single", "group": "group"}[d.chat.kind]
	body := obj{"type": "text", "roomId": d.chat.id, "content": d.content}
	data, err := w.o.api(ctx, w.who, http.MethodPost, "message/"+kind, body)
	return data != nil, err
}

// awaitServer returns when the server answers again.
func (w *writer) awaitServer(ctx context.Context) error {
	return poll(ctx, "the server to answer", func() (bool, error) {
		data, err := w.o.api(ctx, w.who, http.MethodGet, "room?page=0", nil)
		return data != nil, err
	})
}

// api asks VChat's REST on behalf of somebody. data is nil if there was no answer, or that
// it is no time to ask; any other failure is an error.
func (o *oracle) api(ctx context.Context, u *user, method, path string, body any) (data any, err error) {
	a, err := o.s.request(ctx, method, "/api/v1/"+path, body, header("Authorization", u.access))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil || a.status == http.StatusServiceUnavailable:
		return nil, nil // the time is over before this goes on for ever
	case a.status != http.StatusOK || a.json["success"] != true:
		return nil, fmt.Errorf("%w: %s %s: status %d: %s", errOracle, method, path, a.status, a.short())
	}
	return a.json["data"], nil
}

// page are up to thirty messages before the one with an id, or the newest, oldest first. It
// is errLineEnded if this is no time to ask.
func (o *oracle) page(ctx context.Context, u *user, c *talk, before string) (stretch, error) {
	path := "message?" + url.Values{"roomId": {c.id}, "lastId": {before}}.Encode()
	data, err := o.api(ctx, u, http.MethodGet, path, nil)
	if err != nil {
		return stretch{}, err
	}
	if data == nil {
		return stretch{}, errLineEnded
	}
	return stretchOf(c.id, data)
}
