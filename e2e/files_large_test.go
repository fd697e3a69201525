package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

const (
	largest = 50 << 20 // the default of CHAT_MEDIA_LIMIT
	mediaAt = 4*largest + 8<<20
)

// memory is what a process has of it, in bytes, by the name of a line in /proc/<pid>/status.
func (s *server) memory(t testing.TB, name string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	t.Fatalf("no %s in %s", name, status)
	return 0
}

// peaksAt returns how far the memory of a server rises above what it has now, while something
// is done.
func (s *server) peaksAt(t testing.TB, do func()) int64 {
	t.Helper()
	idle := s.memory(t, "VmRSS")
	const forgetPeak = "5"
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte(forgetPeak), 0); err != nil {
		t.Fatal(err)
	}
	do()
	return s.memory(t, "VmHWM") - idle
}

// fits fails if files took more memory than they should have. With the race detector each byte takes
// several; three whole files would be three times as much again.
func fits(t testing.TB, peak, most int64) {
	t.Helper()
	t.Logf("three files of %d MiB at once took %d MiB", largest>>20, peak>>20)
	if raced(t, shared.binary) {
		most *= 5
	}
	if peak > most {
		t.Errorf("three files of %d MiB at once took %d MiB of memory", largest>>20, peak>>20)
	}
}

// exchange sends three of the largest files at once by both doors, and gets each of them again, in part
// and whole. It returns their names.
func exchange(w *world, room string) (names []string) {
	w.t.Helper()
	ben, ana := w.users["ben"].access, w.users["ana"].access
	var mu sync.Mutex
	var throng sync.WaitGroup
	for i := range 3 {
		throng.Go(func() {
			path, token, pieces := "/upload", ben, []piece{{"file", "large", &numbers{end: largest}}}
			if i == 0 {
				path, token = "/api/v1/message/single", ana
				pieces = append([]piece{field("type", "file"), field("roomId", room)}, pieces...)
			}
			a, err := w.s.sends(w.t.Context(), path, token, pieces...)
			if err != nil || a.status != http.StatusOK {
				w.t.Errorf("%s: status %d, %v: %s", path, a.status, err, a.short())
				return
			}
			if id, ok := a.json["id"].(string); ok {
				mu.Lock()
				defer mu.Unlock()
				names = append(names, id)
			}
		})
	}
	throng.Wait()
	at, _ := w.as("ana").messages(room, "first")[0].(obj)["messageAttachment"].(obj)
	name, _ := at["playUrl"].(string)
	names = append(names, name)
	for _, name := range names {
		throng.Go(func() {
			for _, from := range []int64{largest - 12_345_678, 0} {
				if err := w.s.resumes(w.t.Context(), name, from); err != nil {
					w.t.Errorf("from %d on: %v", from, err)
				}
			}
		})
	}
	throng.Wait()
	return names
}

// resumes gets a file of numbers from an offset on, as one does whose download broke off.
func (s *server) resumes(ctx context.Context, name string, from int64) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/media/"+name, nil)
	if err != nil {
		return err
	}
	want := http.StatusOK
	if from > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		r.Header.Set("If-Range", `"`+name+`"`)
		want = http.StatusPartialContent
	}
	resp, err := s.patiently().Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != want || resp.ContentLength != largest-from {
		return fmt.Errorf("status %d, %d bytes", resp.StatusCode, resp.ContentLength)
	}
	return sameFrom(resp.Body, from, largest)
}

// Files of any size take the same memory. When their disk is full, who sends one is told, nothing is left
// of it, and all else goes on; and so it is where the folder can't be had.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	media := t.TempDir()
	mounted := smallDisk(t, media, mediaAt)
	s := newServer(t, "large", "CHAT_MEDIA_URL=file://"+media)
	w := newWorldOn(t, s, "ben")
	w.registered("ana")
	room := w.single("ana", "ben", "hi")
	ben := w.users["ben"].access
	upload := func(p piece) answer {
		w.t.Helper()
		a, err := s.sends(w.t.Context(), "/upload", ben, p)
		if err != nil {
			w.t.Fatal(err)
		}
		return a
	}

	w.row("in constant memory", func() {
		fits(w.t, s.peaksAt(w.t, func() { exchange(w, room) }), largest/2)
	})
	kept := filesBelow(w.t, media)
	if len(kept) != 3 {
		t.Fatalf("%d files are kept", len(kept))
	}
	w.row("and a byte more", func() {
		upload(piece{"file", "large", &numbers{end: largest + 1}}).says(w.t, http.StatusRequestEntityTooLarge, -1)
		w.sameFiles(media, kept)
	})
	w.row("the disk is full", func() {
		makeRoom := s.fillDisk(w.t, media, mounted)
		upload(piece{"file", "large", &numbers{end: 1 << 20}}).says(w.t, http.StatusServiceUnavailable, -1)
		a, err := s.sends(w.t.Context(), "/api/v1/message/single", w.users["ana"].access,
			field("type", "file"), field("roomId", room), piece{"file", "x", &numbers{end: 1 << 20}})
		if err != nil || a.status != http.StatusServiceUnavailable {
			w.t.Errorf("status %d, %v: %s", a.status, err, a.short())
		}
		w.write("ana", "single", room, "text goes on")
		makeRoom()
		w.sameFiles(media, kept)
		upload(file("small", somePaper)).says(w.t, http.StatusOK, 1)
	})
	w.row("the folder is gone", func() {
		aside := media + "/messages.aside"
		if err := os.Rename(media+"/messages", aside); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(media+"/messages", nil, 0o600); err != nil {
			w.t.Fatal(err)
		}
		upload(file("small", somePaper)).says(w.t, http.StatusServiceUnavailable, -1)
		if a := restOf(w.t, s).get("/media/" + filepath.Base(kept[0])); a.status != http.StatusServiceUnavailable && a.status != http.StatusNotFound {
			w.t.Errorf("a file that can't be read: status %d: %s", a.status, a.short())
		}
		if err := errors.Join(os.Remove(media+"/messages"), os.Rename(aside, media+"/messages")); err != nil {
			w.t.Fatal(err)
		}
		upload(file("small", somePaper)).says(w.t, http.StatusOK, 1)
		w.gets("/media/" + filepath.Base(kept[0]))
	})
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// smallDisk puts one at a folder, if we may mount one.
func smallDisk(t testing.TB, dir string, size int64) bool {
	t.Helper()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size))
	if errors.Is(err, fs.ErrPermission) {
		return false
	}
	if err != nil {
		t.Fatalf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return true
}

// largestOnFull is how large a file of the server gets where its disk is full in no other way: less than
// what is sent then, and more than its log.
const largestOnFull = 256 << 10

// fillDisk leaves no room for the files that people send, until makeRoom is called. Where no disk of their
// own is mounted, the server's files may not grow beyond a size: its writes fail where those to a full
// disk do.
func (s *server) fillDisk(t testing.TB, dir string, mounted bool) (makeRoom func()) {
	t.Helper()
	filler := filepath.Join(dir, "filler")
	fill, free := func() error { return fillUp(filler) }, func() error { return os.Remove(filler) }
	if !mounted {
		var old unix.Rlimit
		limit := func(size, was *unix.Rlimit) error {
			return unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, size, was)
		}
		fill = func() error {
			if err := limit(nil, &old); err != nil {
				return err
			}
			return limit(&unix.Rlimit{Cur: largestOnFull, Max: old.Max}, nil)
		}
		free = func() error { return limit(&old, nil) }
	}
	if err := fill(); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := free(); err != nil {
			t.Fatal(err)
		}
	}
}

// fillUp makes a file of all the room that is left.
func fillUp(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for {
		if _, err := f.Write(make([]byte, 64<<10)); errors.Is(err, unix.ENOSPC) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// filesBelow are the paths of all files in a folder.
func filesBelow(t testing.TB, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".attrs") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// sameFiles fails if there are files in a folder that were not, however small.
func (w *world) sameFiles(dir string, want []string) {
	w.t.Helper()
	if got := filesBelow(w.t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
		w.t.Errorf("there are %d files, and were %d: %q", len(got), len(want), got)
	}
}
