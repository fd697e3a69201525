package e2e

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

const (
	// versitygwEnv names the program of a real server of S3, versitygw, for make soak: building
	// it takes minutes. Without it the tests have a stand-in of their own.
	versitygwEnv = "EXPRESSCHAT_E2E_VERSITYGW"

	storeBucket = "chat"
	storeKey    = "somebody"
	storeSecret = "of the store, and of no chat"
)

// objectStore is a server of S3 that comes and goes, always at the same address, and keeps what it has.
type objectStore struct {
	t    testing.TB
	addr string
	open func() (end func())
	end  func() // nil while it is away
}

// newObjectStore makes one that is away.
func newObjectStore(t testing.TB) *objectStore {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &objectStore{t: t, addr: l.Addr().String()}
	_ = l.Close()
	if program := os.Getenv(versitygwEnv); program != "" {
		s.open = s.versitygw(program)
	} else {
		s.open = s.standIn()
	}
	t.Cleanup(s.away)
	return s
}

// settings are how a server finds it.
func (s *objectStore) settings() []string {
	return []string{
		"CHAT_MEDIA_URL=s3://" + storeBucket + "?region=us-east-1&use_path_style=true&endpoint=http://" + s.addr,
		"AWS_ACCESS_KEY_ID=" + storeKey, "AWS_SECRET_ACCESS_KEY=" + storeSecret,
	}
}

// here has it come, unless it is here.
func (s *objectStore) here() {
	s.t.Helper()
	if s.end == nil {
		s.end = s.open()
	}
}

// away has it go, with all connections.
func (s *objectStore) away() {
	if s.end != nil {
		s.end()
		s.end = nil
	}
}

// standIn speaks the protocol, and looks at no signature.
func (s *objectStore) standIn() func() func() {
	kept := s3mem.New()
	if err := kept.CreateBucket(storeBucket); err != nil {
		s.t.Fatal(err)
	}
	return func() func() {
		l, err := net.Listen("tcp", s.addr)
		if err != nil {
			s.t.Fatal(err)
		}
		server := &httptest.Server{Listener: l, Config: &http.Server{Handler: gofakes3.New(kept).Server()}}
		server.Start()
		return func() {
			server.CloseClientConnections()
			server.Close()
		}
	}
}

// versitygw keeps objects as files.
func (s *objectStore) versitygw(program string) func() func() {
	dir := s.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, storeBucket), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return func() func() {
		cmd := exec.Command(program, "--quiet", "--port", s.addr, "posix", dir)
		cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+storeKey, "ROOT_SECRET_ACCESS_KEY="+storeSecret)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		err := poll(ctx, "versitygw", func() (bool, error) {
			conn, err := net.Dial("tcp", s.addr)
			if err != nil {
				return false, nil
			}
			return true, conn.Close()
		})
		if err != nil {
			s.t.Error(err)
		}
		return func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
}

// count tells how many objects there are, and uploads that are not whole.
func (s *objectStore) count() (objects, unfinished int) {
	s.t.Helper()
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.addr), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(storeKey, storeSecret, ""),
	})
	found, err := client.ListObjectsV2(s.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(storeBucket)})
	parts, err2 := client.ListMultipartUploads(s.t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String(storeBucket)})
	if err := errors.Join(err, err2); err != nil {
		s.t.Fatal(err)
	}
	return len(found.Contents), len(parts.Uploads)
}

// A server whose files are in S3 needs it for files and nothing else: while it is away, at the
// start too, who sends or gets one is told so, and afterwards all goes on.
func TestFilesInS3(t *testing.T) {
	t.Parallel()
	store := newObjectStore(t)
	s := newServer(t, "s3", store.settings()...)
	w := newWorldOn(t, s, "ben")
	w.registered("ana")
	room := w.single("ana", "ben", "hi")
	upload := func(status, success int, p piece) obj {
		w.t.Helper()
		a, err := s.sends(w.t.Context(), "/upload", w.users["ben"].access, p)
		if err != nil {
			w.t.Fatal(err)
		}
		a.says(w.t, status, success)
		return a.json
	}
	var kept []string

	w.row("away at the start", func() {
		upload(http.StatusServiceUnavailable, -1, file("a.pdf", somePaper))
		w.write("ana", "single", room, "text goes on")
	})
	w.row("here", func() {
		store.here()
		upload(http.StatusOK, 1, file("a.pdf", somePaper))
		photo := upload(http.StatusOK, 1, file("a.jpg", snapshot(w.t, 80, 60)))
		w.isPhoto(photo["Url"].(string), false)
		w.isPhoto(photo["Thumb"].(string), true)
	})
	w.row("large files in constant memory, whole and in part", func() {
		fits(w.t, s.peaksAt(w.t, func() { kept = exchange(w, room) }), 2*largest)
	})
	if len(kept) != 3 {
		t.Fatalf("%d files are kept", len(kept))
	}
	w.row("what is refused, or breaks off, leaves nothing", func() {
		before, _ := store.count()
		upload(http.StatusRequestEntityTooLarge, -1, piece{"file", "large", &numbers{end: largest + 1}})
		broken := piece{"file", "broken", io.MultiReader(&numbers{end: 20 << 20}, brokenOff{})}
		if a, err := s.sends(w.t.Context(), "/upload", w.users["ben"].access, broken); err == nil {
			w.t.Errorf("one that broke off: status %d: %s", a.status, a.short())
		}
		// The server sees a moment later that nothing more comes, and takes back what there is.
		err := poll(w.t.Context(), "nothing to be left", func() (bool, error) {
			after, unfinished := store.count()
			return after == before && unfinished == 0, nil
		})
		if err != nil {
			w.t.Error(err)
		}
	})
	w.row("away", func() {
		store.away()
		upload(http.StatusServiceUnavailable, -1, file("a.pdf", somePaper))
		if a := restOf(w.t, s).get("/media/" + kept[0]); a.status != http.StatusServiceUnavailable {
			w.t.Errorf("status %d, want 503: %s", a.status, a.short())
		}
		w.write("ana", "single", room, "text goes on")
	})
	w.row("and back", func() {
		store.here()
		upload(http.StatusOK, 1, file("a.pdf", somePaper))
		if err := s.resumes(w.t.Context(), kept[0], largest-1000); err != nil {
			w.t.Error(err)
		}
	})
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// brokenOff is a client that stops halfway.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, errors.New("the client stopped") }
