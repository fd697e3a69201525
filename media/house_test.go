package media_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"expresschat/auth"
	"expresschat/bus"
	"expresschat/media"
	"expresschat/media/bucket"
	"expresschat/store"
	"expresschat/store/storetest"
)

// unit is what the limits of these tests are made of, in bytes.
const unit = 64 << 10

// house is a service on a real database and a bucket in memory.
type house struct {
	testing.TB
	*media.Service
	objects *objects
	pool    *pgxpool.Pool
	ana     auth.UserID
}

// objects are a bucket that knows what is in it, and can be taken away.
type objects struct {
	media.Bucket

	mu     sync.Mutex
	keys   map[string]bool // guarded by mu, as is all below
	away   error           // what everything fails with, if not nil
	before func(key string)
}

func (o *objects) Write(ctx context.Context, key string, a media.About, r io.Reader) error {
	if err := o.touch(key, true); err != nil {
		return err
	}
	err := o.Bucket.Write(ctx, key, a, r)
	if err != nil {
		_ = o.touch(key, false)
	}
	return err
}

func (o *objects) Open(ctx context.Context, key string) (media.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away != nil {
		return media.Object{}, o.away
	}
	return o.Bucket.Open(ctx, key)
}

func (o *objects) Remove(ctx context.Context, key string) error {
	if err := o.touch(key, false); err != nil {
		return err
	}
	return o.Bucket.Remove(ctx, key)
}

// touch notes that a key is there from now on, or no more.
func (o *objects) touch(key string, there bool) error {
	if o.before != nil {
		o.before(key)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away != nil {
		return o.away
	}
	o.keys[key] = there
	if !there {
		delete(o.keys, key)
	}
	return nil
}

func (o *objects) goAway(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = err
}

func (o *objects) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []string
	for key := range o.keys {
		all = append(all, key)
	}
	return all
}

// drawer is Pictures for the images of these tests.
type drawer struct{}

func (drawer) Measure(r io.Reader) (width, height int, err error) {
	c, err := png.DecodeConfig(r)
	return c.Width, c.Height, err
}

func (drawer) Thumbnail(r io.ReadSeeker, w io.Writer) (string, error) {
	if _, err := png.Decode(r); err != nil {
		return "", err
	}
	_, err := w.Write(picture(4, 3))
	return "image/png", err
}

// metadata stands at the end of an image for what tells where it was taken.
const metadata = "taken at home"

func (drawer) Strip(r io.Reader, _ string) io.Reader {
	return &stripped{r: r}
}

// stripped is all of r without metadata.
type stripped struct {
	r   io.Reader
	all *bytes.Buffer
}

func (s *stripped) Read(p []byte) (int, error) {
	if s.all == nil {
		all, err := io.ReadAll(s.r)
		if err != nil {
			return 0, err
		}
		all, _ = bytes.CutSuffix(all, []byte(metadata))
		s.all = bytes.NewBuffer(all)
	}
	return s.all.Read(p)
}

// rooms is a database in which any number of houses are, each with people of its own. Whoever
// collects has one alone.
type rooms struct {
	store *store.Store
	pool  *pgxpool.Pool
}

func newRooms(t *testing.T) rooms {
	t.Helper()
	url := storetest.URL(t)
	s, err := store.Open(t.Context(), url, store.Conns{Lanes: 1, Others: 8}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return rooms{s, pool}
}

func (r rooms) house(t *testing.T, quota int64) *house {
	t.Helper()
	memory, err := bucket.Open(t.Context(), "mem://", "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{TB: t, pool: r.pool, objects: &objects{Bucket: memory, keys: map[string]bool{}}}
	h.Service = media.New(media.Config{
		Files: r.store.Files(), Bucket: h.objects, Pictures: drawer{}, Quota: quota, Log: slog.New(slog.DiscardHandler),
		Limits: media.Limits{Image: unit, Voice: unit / 2, Video: 2 * unit, File: unit, Profile: unit / 4},
	})
	h.ana = h.person()
	return h
}

func (h *house) person() auth.UserID {
	h.Helper()
	id := auth.NewUserID()
	h.exec(`INSERT INTO users (id, name, name_key, email, email_key, password_hash) VALUES ($1, $2, $2, $2, $2, 'p')`, id, string(id))
	return id
}

func (h *house) exec(query string, args ...any) {
	h.Helper()
	if _, err := h.pool.Exec(h.Context(), query, args...); err != nil {
		h.Fatal(err)
	}
}

// rows are the names of ana's files.
func (h *house) rows() []string {
	h.Helper()
	rows, _ := h.pool.Query(h.Context(), `SELECT place || '/' || name FROM files WHERE owner_id = $1`, h.ana)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		h.Fatal(err)
	}
	return names
}

// put stores a file of ana's in place Messages.
func (h *house) put(t bus.Type, content []byte) media.File {
	h.Helper()
	f, err := h.Put(h.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Type: t, Title: "a", Body: bytes.NewReader(content)})
	if err != nil {
		h.Fatal(err)
	}
	return f
}

// collect collects after some time, for which rows are made older.
func (h *house) collect(hours int) {
	h.Helper()
	h.exec(`UPDATE files SET kept_until = kept_until - make_interval(hours => $1),
		created_at = created_at - make_interval(hours => $1), condemned_at = condemned_at - make_interval(hours => $1)`, hours)
	if err := h.Collect(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// send stores a message that names a file.
func (h *house) send(key, name string) {
	h.Helper()
	h.exec(`INSERT INTO messages (room_id, seq, id, sender_id, type, content, sent_at, attachment)
		VALUES ($1, (SELECT count(*) + 1 FROM messages), $2, $1, 'file', '', now(), jsonb_build_object($3::text, $4::text))`,
		h.ana, auth.NewID(), key, name)
}

func (h *house) expect(want int, what string) {
	h.Helper()
	if rows, objects := h.rows(), h.objects.all(); len(rows) != want || len(objects) != want {
		h.Errorf("%s: %d rows and %d objects, want %d", what, len(rows), len(objects), want)
	}
}

// picture is a PNG.
func picture(width, height int) []byte {
	m := image.NewGray(image.Rect(0, 0, width, height))
	m.Set(width-1, height-1, color.White)
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

// noise is content that is of no type.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	copy(b, "\x01\x02\x03")
	return b
}

var errAway = errors.New("no route to host")
