package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"expresschat/bus"
	"expresschat/media"
)

// sent is what holds a file: each is a reference of its own.
var held = map[string]func(h *house, f media.File){
	"the file of a message":    func(h *house, f media.File) { h.send("file", f.Name) },
	"the picture of a message": func(h *house, f media.File) { h.send("picture", f.Name) },
	"the thumb of a message":   func(h *house, f media.File) { h.send("thumb", f.Name) },
	"somebody's picture": func(h *house, f media.File) {
		h.exec(`UPDATE users SET picture = $1 WHERE id = $2`, f.Name, h.person())
	},
	"a group's picture": func(h *house, f media.File) {
		h.exec(`INSERT INTO rooms (id, kind, creator_id, picture, last_at, created_at) VALUES (gen_random_uuid(), 'group', $2, $1, now(), now())`, f.Name, h.ana)
	},
}

// A file goes a day after it came, and an hour after it was found to be past that, unless
// something refers to it.
func TestCollect(t *testing.T) {
	t.Parallel()
	h := newRooms(t).house(t, 0)
	f := h.put("", picture(64, 48)) // two files
	kept := map[string]media.File{}
	for what, hold := range held {
		kept[what] = h.put("", noise(100))
		hold(h, kept[what])
	}
	n := len(held)
	h.expect(2+n, "new")
	h.collect(23)
	h.collect(0)
	h.expect(2+n, "not a day old")
	h.collect(2)
	h.expect(2+n, "condemned")
	// Whoever is about to send it keeps it, and so does who forwards it.
	if _, err := h.Own(t.Context(), h.ana, f.Name); err != nil {
		t.Fatal(err)
	}
	h.collect(2)
	h.collect(0)
	h.expect(2+n, "owned anew")
	h.collect(23) // condemned again
	if kept, err := h.Keep(t.Context(), f.Name); err != nil || kept[f.Name].Name != f.Name {
		t.Fatal(kept, err)
	}
	h.collect(2)
	h.expect(2+n, "kept anew")
	// A reference that comes late: the file is condemned, and nobody asks for it again, but an
	// attempt to store the send is repeated.
	h.collect(30)
	h.send("picture", f.Name)
	h.collect(2)
	h.collect(2)
	h.expect(2+n, "a reference that came late")
	var condemned int
	if err := h.pool.QueryRow(t.Context(), `SELECT count(*) FROM files WHERE condemned_at IS NOT NULL`).Scan(&condemned); err != nil || condemned > 0 {
		t.Errorf("%d are condemned still: %v", condemned, err)
	}
	if _, err := h.Own(t.Context(), h.ana, f.Name); err != nil {
		t.Errorf("in use again: %v", err)
	}
	// What stands for a file stays as long as it.
	h.exec(`DELETE FROM messages WHERE attachment->>'picture' = $1`, f.Name)
	h.collect(30)
	h.collect(2)
	h.expect(1+n, "an image no message has any more")
	if _, err := h.Own(t.Context(), h.ana, f.Name); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("gone: %v", err)
	}
	h.collect(30)
	h.collect(2)
	h.expect(n, "and the small one")
	for what, f := range kept {
		if o, err := h.Open(t.Context(), f.Place, f.Name); err != nil {
			t.Errorf("%s: %v", what, err)
		} else {
			_ = o.Close()
		}
	}
	h.refersLast(n)
	h.claimsOnce(n)
	h.wasKilled(n)
}

// late is Files that something happens behind the first pass of.
type late struct {
	media.Files
	then func()
}

func (l late) Condemn(ctx context.Context) error {
	defer l.then()
	return l.Files.Condemn(ctx)
}

// refersLast: what was about to be claimed is looked at once more.
func (h *house) refersLast(n int) {
	h.Helper()
	f, files := h.put("", noise(10)), h.Files
	h.collect(30)
	h.Files = late{files, func() { h.send("file", f.Name) }}
	h.collect(2)
	h.Files = files
	h.expect(n+1, "a reference between the passes")
	h.exec(`DELETE FROM messages WHERE attachment->>'file' = $1`, f.Name)
	h.collect(0)
	h.collect(30)
	h.collect(2)
	h.expect(n, "and then none")
}

// What brought a file failed, and alone knew its name: it counts no more and goes at once, with
// what stands for it, unless something refers to it by then.
func TestDiscard(t *testing.T) {
	t.Parallel()
	h := newRooms(t).house(t, 25_000)
	full := func() bool {
		t.Helper()
		f, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: bytes.NewReader(noise(10_000))})
		if err == nil {
			h.Discard(t.Context(), h.ana, f.Name)
		} else if !errors.Is(err, media.ErrQuota) {
			t.Fatal(err)
		}
		return err != nil
	}
	sun := h.put("", picture(64, 48)) // two files
	f, sent := h.put("", noise(10_000)), h.put("", noise(10_000))
	h.send("file", sent.Name)
	if !full() {
		t.Fatal("there is room for more than the quota")
	}
	h.Discard(t.Context(), h.person(), f.Name, sun.Name)
	h.Discard(t.Context(), h.ana, sent.Name)
	h.expect(4, "somebody else's, and what was sent before")
	h.Discard(t.Context(), h.ana, f.Name, sun.Name)
	h.expect(1, "discarded")
	if full() {
		t.Error("what is discarded counts")
	}
	if _, err := h.Own(t.Context(), h.ana, f.Name); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("sent behind that: %v", err)
	}

	// A picture that stands for two stays as long as one of them.
	poster := h.put("", picture(64, 48))
	var videos []media.File
	for range 2 {
		v, err := h.Put(t.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: bytes.NewReader(noise(100)), Poster: poster.Name})
		if err != nil {
			t.Fatal(err)
		}
		videos = append(videos, v)
	}
	h.Discard(t.Context(), h.ana, videos[0].Name)
	h.expect(4, "one of two with one poster")
	h.Discard(t.Context(), h.ana, videos[1].Name)
	h.expect(1, "and the other one")

	// Bytes that can't be removed count no more, and are collected.
	f = h.put("", noise(10_000))
	h.objects.goAway(errAway)
	h.Discard(t.Context(), h.ana, f.Name)
	h.objects.goAway(nil)
	h.expect(2, "while the bucket is away")
	if full() {
		t.Error("what is discarded counts while the bucket is away")
	}
	h.collect(2)
	h.expect(1, "once it is back")
}

// claimsOnce: a file that is about to go is nobody's any more, not even before its bytes have
// gone.
func (h *house) claimsOnce(n int) {
	h.Helper()
	f := h.put(bus.File, noise(10))
	h.collect(30)
	h.objects.before = func(string) {
		if _, err := h.Own(h.Context(), h.ana, f.Name); !errors.Is(err, media.ErrNoFile) {
			h.Errorf("while it goes: %v", err)
		}
		if kept, err := h.Keep(h.Context(), f.Name); err != nil || len(kept) > 0 {
			h.Errorf("while it goes: %v, %v", kept, err)
		}
	}
	h.collect(2)
	h.objects.before = nil
	h.expect(n, "claimed")
}

// wasKilled: of an upload whose process was killed there is a row, and so what is left of it
// goes.
func (h *house) wasKilled(n int) {
	h.Helper()
	killed := func() { panic("killed") }
	body := io.MultiReader(bytes.NewReader(append(picture(640, 480), noise(5000)...)), readerFunc(func([]byte) (int, error) {
		h.objects.before = func(string) { killed() } // with the image stored, before the small one is
		return 0, io.EOF
	}))
	func() {
		defer func() { _ = recover() }()
		_, err := h.Put(h.Context(), media.Upload{Owner: h.ana, Place: media.Messages, Body: body})
		h.Errorf("put: %v", err)
	}()
	h.objects.before = nil
	if rows, objects := h.rows(), h.objects.all(); len(rows) != n+2 || len(objects) != n+1 {
		h.Errorf("killed: %d rows and %d objects", len(rows), len(objects))
	}
	for _, name := range h.rows() {
		_, name, _ = strings.Cut(name, "/")
		var stored bool
		if h.pool.QueryRow(h.Context(), `SELECT stored FROM files WHERE name = $1`, name).Scan(&stored); !stored {
			if _, err := h.Own(h.Context(), h.ana, name); !errors.Is(err, media.ErrNoFile) {
				h.Errorf("half a file is sent: %v", err)
			}
		}
	}
	h.collect(30)
	h.collect(2)
	h.expect(n, "after a kill")
}
