package bucket_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"expresschat/media"
	"expresschat/media/bucket"
)

// standIn answers as S3 does, as far as these tests go. What it says of S3 is checked
// against a real server elsewhere.
type standIn struct {
	mu      sync.Mutex
	objects map[string][]byte   // guarded by mu, as is all below
	uploads map[string][][]byte // parts, by key
	largest int                 // bytes of one body
	aborted int
	refuse  bool // every part
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it has gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.largest = max(s.largest, len(body))
	q, key := r.URL.Query(), strings.TrimPrefix(r.URL.Path, "/bucket/")
	hash := md5.Sum(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(hash[:])+`"`)
	object, there := s.objects[key]
	_, begun := s.uploads[key]
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.uploads[key] = nil
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
	case r.Method == http.MethodPut && q.Has("partNumber") && (s.refuse || !begun):
		w.WriteHeader(http.StatusForbidden)
	case r.Method == http.MethodPut && q.Has("partNumber"):
		s.uploads[key] = append(s.uploads[key], body)
	case r.Method == http.MethodPost && q.Has("uploadId"):
		s.objects[key] = bytes.Join(s.uploads[key], nil)
		delete(s.uploads, key)
		fmt.Fprint(w, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		delete(s.uploads, key)
		s.aborted++
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && q.Has("uploads"):
		fmt.Fprint(w, "<ListMultipartUploadsResult>")
		for key := range s.uploads {
			fmt.Fprintf(w, "<Upload><Key>%s</Key><UploadId>1</UploadId></Upload>", key)
		}
		fmt.Fprint(w, "</ListMultipartUploadsResult>")
	case r.Method == http.MethodPut:
		s.objects[key] = body
	case !there:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = w.Write(object)
	}
}

// left tells how many objects and uploads there are, and how many uploads were taken back.
func (s *standIn) left() (objects, uploads, aborted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.objects), len(s.uploads), s.aborted
}

func newS3(t *testing.T) (*standIn, *bucket.Bucket) {
	t.Helper()
	s := &standIn{objects: map[string][]byte{}, uploads: map[string][][]byte{}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return s, open(t, "s3://bucket?region=x&use_path_style=true&hostname_immutable=true&request_checksum_calculation=when_required&endpoint="+web.URL, "")
}

const part = 5 << 20

// A large file goes by parts, and what breaks off, or whose sender is gone, is taken back: the
// parts of half a file are paid for, though nobody sees them.
func TestPartsOfS3(t *testing.T) {
	s, b := newS3(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 2*part/16+100)
	if err := b.Write(t.Context(), key, about, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	if !bytes.Equal(s.objects[key], content) || s.largest > part+1<<20 {
		t.Errorf("%d bytes of %d, at most %d at once", len(s.objects[key]), len(content), s.largest)
	}
	s.mu.Unlock()

	broke := errors.New("broke off")
	gone, cancel := context.WithCancel(t.Context())
	defer cancel()
	leaves := readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, gone.Err()
	})
	for i, tt := range []struct {
		ctx context.Context
		end io.Reader
		err error
	}{{t.Context(), iotest.ErrReader(broke), broke}, {gone, leaves, context.Canceled}} {
		err := b.Write(tt.ctx, "messages/half", about, io.MultiReader(bytes.NewReader(content), tt.end))
		if objects, uploads, aborted := s.left(); !errors.Is(err, tt.err) || objects != 1 || uploads > 0 || aborted != i+1 {
			t.Errorf("%v; %d aborted, left %d objects and %d uploads", err, aborted, objects, uploads)
		}
	}

	// And what a process left that was killed goes with its name.
	s.mu.Lock()
	s.refuse = true
	s.uploads["messages/killed"] = [][]byte{content[:part]}
	s.mu.Unlock()
	if err := b.Write(t.Context(), "messages/half", about, bytes.NewReader(content)); err == nil {
		t.Error("every part was refused")
	}
	for _, key := range []string{"messages/killed", key} {
		if err := b.Remove(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if objects, uploads, aborted := s.left(); objects > 0 || uploads > 0 || aborted != 4 {
		t.Errorf("%d aborted, left %d objects and %d uploads", aborted, objects, uploads)
	}
	if _, err := b.Open(t.Context(), key); !errors.Is(err, media.ErrNoFile) {
		t.Errorf("removed: %v", err)
	}
}
