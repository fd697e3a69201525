package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/socketio"
	"expresschat/socketio/own"
)

// fakeApps is a server of VChat that keeps nothing, and that does wrong what a test asks.
type fakeApps struct {
	wrong func(n int) wrongs // what becomes of the n-th message, nil for what is right

	people, readers socketio.Broadcaster

	mu   sync.Mutex
	said int
}

type wrongs struct{ doubled, unheard, older, refused bool }

const fakeRoom = "the-room"

func (f *fakeApps) serve(t *testing.T) string {
	t.Helper()
	engine := own.New(own.Options{Logger: slog.New(slog.DiscardHandler)})
	f.people, f.readers = engine.Open(fakeNamespace("/")), engine.Open(fakeNamespace("/message"))
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", engine)
	mux.HandleFunc("POST /api/v1/message/group", f.post)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = engine.Stop(ctx)
		server.Close()
	})
	return strings.TrimPrefix(server.URL, "http://")
}

func fakeNamespace(name string) socketio.Namespace {
	return socketio.Namespace{
		Name:      name,
		Authorise: func(context.Context, socketio.Handshake) (any, error) { return nil, nil },
		Handlers: map[string]socketio.Handler{
			"join": socketio.Handle(func(_ context.Context, s socketio.Socket, _ string) (any, error) {
				s.Join(fakeRoom)
				return nil, nil
			}),
		},
		Respond: func(_ context.Context, _ socketio.Socket, c socketio.Call, _ any, _ error) {
			c.Ack(map[string]any{"success": true})
		},
	}
}

func (f *fakeApps) post(w http.ResponseWriter, r *http.Request) {
	var m struct{ Content string }
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.said++
	var wrong wrongs
	if f.wrong != nil {
		wrong = f.wrong(f.said)
	}
	f.tell(m.Content, wrong)
	_, _ = fmt.Fprintf(w, `{"success":%v}`, !wrong.refused)
}

// tell is called with mu held.
func (f *fakeApps) tell(content string, wrong wrongs) {
	room := socketio.Audience{Rooms: []string{fakeRoom}}
	text := fmt.Sprintf(`{"_id":"%036d","content":%q}`, f.said, content)
	times := 1
	if wrong.doubled {
		times = 2
	}
	if wrong.unheard {
		times = 0
	}
	for range times {
		_ = f.readers.Emit(room, "new_message", text)
	}
	seen := f.said
	if wrong.older {
		seen -= 2
	}
	last := map[string]any{"_id": fmt.Sprintf("%036d", seen)}
	_ = f.people.Emit(room, "update_one_room", map[string]any{"_id": fakeRoom, "lastMessage": last})
}

func testPosting() Posting {
	return Posting{
		Group: fakeRoom, Poster: 0, Lines: 3, VChat: []int{1, 2, 3}, Readers: []int{1, 2},
		Long: func(user int) (string, error) { return fmt.Sprint("token ", user), nil },
	}
}

func TestPosted(t *testing.T) {
	t.Parallel()
	for name, patient := range map[string]bool{"at once": false, "one by one": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := testPosting()
			if p.Patient = patient; patient {
				p.Lines = 1
			}
			r, err := Posted(t.Context(), Peer{Addr: (&fakeApps{}).serve(t)}, p, testSpan, nothing)
			if err != nil {
				t.Fatal(err)
			}
			if r.Count == 0 || r.Delivered == 0 || r.Updated == 0 || r.Quantile(0.5) <= 0 || len(r.Waits) < r.Count {
				t.Errorf("%d acked, %d delivered, %d updated, %d waits", r.Count, r.Delivered, r.Updated, len(r.Waits))
			}
		})
	}
}

// TestPostedWrongly has the run fail with each.
func TestPostedWrongly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wrong wrongs
		want  error
	}{
		"doubles one":            {wrongs{doubled: true}, ErrTwice},
		"forgets one":            {wrongs{unheard: true}, ErrOrder},
		"shows one of before":    {wrongs{older: true}, ErrOrder},
		"refuses one":            {wrongs{refused: true}, ErrAnswer},
		"is not wrong after all": {wrongs{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeApps{wrong: func(n int) wrongs {
				if n == 10 {
					return tt.wrong
				}
				return wrongs{}
			}}
			_, err := Posted(t.Context(), Peer{Addr: f.serve(t)}, testPosting(), testSpan, nothing)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}
