package expresschat

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/chat"
	"expresschat/server"
	"expresschat/server/limits"
)

const (
	// exportRooms is how many rooms are looked for at once. Only one page of one of them is
	// ever in memory.
	exportRooms = 100
	// exportStall is how long a client may take for exportChunk bytes before it is cut off.
	exportStall = 30 * time.Second
	exportChunk = 32 << 10
	// exportPause is when somebody may come again whose export is running.
	exportPause = 10 * time.Second
)

// exports are those that are running, one a user.
type exports struct {
	mu      sync.Mutex
	running map[auth.UserID]bool
}

func newExports() *exports { return &exports{running: map[auth.UserID]bool{}} }

// begin reports whether none of user's is running, and has this one run until end.
func (x *exports) begin(user auth.UserID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.running[user] {
		return false
	}
	x.running[user] = true
	return true
}

func (x *exports) end(user auth.UserID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.running, user)
}

// export sends all that one has and may read, page by page: a page is read, and then
// written, so that a client that takes its time holds no connection to the database. What
// breaks in the middle breaks the connection, or half of a file would pass for all of it.
func (d *Door) export(c echo.Context, who auth.Identity) error {
	if d.limited(c, limits.PerMailbox, "export", string(who.User.ID)) {
		return nil
	}
	if !d.exports.begin(who.User.ID) {
		d.told(c, spent{wait: exportPause})
		return nil
	}
	defer d.exports.end(who.User.ID)
	head, err := d.exportHead(c.Request().Context(), who)
	if err != nil {
		return d.fail(c, err, no)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="expresschat.json"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	out := newExporter(c.Response())
	d.exportAll(c.Request().Context(), out, who, head)
	if err := out.close(); err != nil {
		if !out.gone && c.Request().Context().Err() == nil {
			d.explain(c.Path(), err)
		}
		panic(http.ErrAbortHandler) // the one way to end an answer as broken
	}
	return nil
}

// exportHead is what stands before the chats.
func (d *Door) exportHead(ctx context.Context, who auth.Identity) (exportHead, error) {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	account, err := d.auth.Profile(ctx, who)
	if err != nil {
		return exportHead{}, err
	}
	open, err := d.auth.Sessions(ctx, who.User.ID)
	if err != nil {
		return exportHead{}, err
	}
	return exportHead{
		ExportedAt: moment(time.Now()),
		User:       exportUser{account.ID, account.Name, account.Email, moment(account.CreatedAt), account.Verified},
		Sessions:   sessionsOf(open, who.Session),
	}, nil
}

func (d *Door) exportAll(ctx context.Context, out *exporter, who auth.Identity, head exportHead) {
	out.open(head, "chats")
	for after := bus.RoomID(""); ; {
		rooms, err := patiently(ctx, func(ctx context.Context) ([]chat.Joined, error) {
			return d.chat.Rooms(ctx, who.User.ID, after, exportRooms)
		})
		out.fail(err)
		for _, r := range rooms {
			d.exportRoom(ctx, out, who, r)
		}
		if len(rooms) < exportRooms || out.err != nil {
			break
		}
		after = rooms[len(rooms)-1].Room
	}
	// Whoever was signed out, or deleted, has left rooms meanwhile that are not in here.
	out.fail(d.auth.StillLive(ctx, who.Session))
	out.shut()
}

// patiently asks the database with a deadline of its own.
func patiently[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, server.Patience)
	defer cancel()
	return ask(ctx)
}

// exporter writes JSON, and remembers the first thing that went wrong: nothing is written
// from then on.
type exporter struct {
	out   *bufio.Writer
	first bool // of a list
	err   error
	gone  bool // the client is, or takes too long
}

func newExporter(w http.ResponseWriter) *exporter {
	return &exporter{out: bufio.NewWriterSize(timely{w, http.NewResponseController(w)}, exportChunk)}
}

// timely is a response whose every piece has to be taken in time.
type timely struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer. What can set no deadline has none, as in tests of a handler
// alone.
func (t timely) Write(b []byte) (int, error) {
	_ = t.control.SetWriteDeadline(time.Now().Add(exportStall))
	return t.ResponseWriter.Write(b)
}

func (x *exporter) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

// open writes an object up to where the list begins that is its last member.
func (x *exporter) open(head any, list string) {
	text := x.encode(head)
	if x.err == nil {
		x.write(string(text[:len(text)-1]) + `,"` + list + `":[`)
	}
	x.first = true
}

// item writes a member of the list.
func (x *exporter) item(v any) {
	x.next()
	x.write(string(x.encode(v)))
}

// next goes on to another member of the list.
func (x *exporter) next() {
	if !x.first {
		x.write(",")
	}
	x.first = false
}

// shut ends the list and its object.
func (x *exporter) shut() {
	x.write("]}")
	x.first = false
}

func (x *exporter) encode(v any) []byte {
	text, err := json.Marshal(v)
	x.fail(err)
	return text
}

func (x *exporter) write(text string) {
	if x.err == nil {
		_, x.err = x.out.WriteString(text)
		x.gone = x.err != nil
	}
}

// close sends the rest, unless something went wrong.
func (x *exporter) close() error {
	if x.err == nil {
		x.err = x.out.Flush()
		x.gone = x.err != nil
	}
	return x.err
}
