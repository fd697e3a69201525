package engineio_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"expresschat/socketio/engineio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for anything before it fails.
const patience = 30 * time.Second

// echo is a server that sends back what it gets.
type echo struct {
	t       testing.TB
	srv     *engineio.Server
	url     string // without a query
	address string // of the host
	client  *http.Client
	peers   sync.Map      // *peer by session id
	waiting chan struct{} // told whenever a poll begins to wait
}

// peer is the server's side of one session.
type peer struct {
	session *engineio.Session
	got     func(p *peer, data []byte, binary bool) (<-chan struct{}, error)
	closed  chan string
}

func (p *peer) Message(data []byte, binary bool) (<-chan struct{}, error) {
	return p.got(p, data, binary)
}

func (p *peer) Closed(reason string) { p.closed <- reason }

// sendBack is what an echo does with a message.
func sendBack(p *peer, data []byte, binary bool) (<-chan struct{}, error) {
	if binary {
		p.session.SendBytes(data)
		return nil, nil
	}
	p.session.Send(message(string(data)))
	return nil, nil
}

func message(text string) engineio.Message {
	b := engineio.NewMessage()
	b.B = append(b.B, text...)
	return b.Once()
}

// awaited is a request's context that tells when somebody waits for it.
type awaited struct {
	context.Context
	told chan struct{}
}

func (a awaited) Done() <-chan struct{} {
	select {
	case a.told <- struct{}{}:
	default:
	}
	return a.Context.Done()
}

// start serves an echo until the test ends.
func start(t testing.TB, opts engineio.Options) *echo {
	t.Helper()
	return startWith(t, opts, sendBack)
}

// startWith serves sessions whose messages are for got.
func startWith(t testing.TB, opts engineio.Options, got func(*peer, []byte, bool) (<-chan struct{}, error)) *echo {
	t.Helper()
	e := &echo{t: t, waiting: make(chan struct{}, 1024)}
	e.srv = engineio.New(opts, func(s *engineio.Session, _ *http.Request) engineio.Receiver {
		p := &peer{session: s, got: got, closed: make(chan string, 2)}
		e.peers.Store(s.ID(), p)
		return p
	})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.srv.ServeHTTP(w, r.WithContext(awaited{r.Context(), e.waiting}))
	}))
	e.url, e.address, e.client = web.URL+"/engine.io/", web.Listener.Addr().String(), web.Client()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := e.srv.Stop(ctx, "stop"); err != nil {
			t.Errorf("stop: %v", err)
		}
		if n := e.srv.Timers(); n != 0 {
			t.Errorf("%d timers are left", n)
		}
		web.Close()
	})
	return e
}

// wait returns what comes out of c.
func wait[T any](t testing.TB, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing happened")
	}
	return v
}

// ended fails unless the session ends for reason.
func (p *peer) ended(t testing.TB, reason string) {
	t.Helper()
	if got := wait(t, p.closed); got != reason {
		t.Errorf("ended by %q, want %q", got, reason)
	}
}

// response is an answer to a request.
type response struct {
	status int
	body   string
	header http.Header
}

// do makes a request; extra are names and values of its header.
func (e *echo) do(method, query, body string, extra ...string) response {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, e.url+"?"+query, strings.NewReader(body))
	if err != nil {
		e.t.Error(err)
		return response{}
	}
	for i := 0; i < len(extra); i += 2 {
		r.Header.Set(extra[i], extra[i+1])
	}
	resp, err := e.client.Do(r)
	if err != nil {
		e.t.Error(err)
		return response{}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Error(err)
	}
	return response{resp.StatusCode, string(text), resp.Header}
}

// poller is a client that polls.
type poller struct {
	*echo
	*peer
	query string
}

// open opens a session over polling.
func (e *echo) open(revision string) poller {
	e.t.Helper()
	query := "transport=polling&EIO=" + revision
	got := e.do(http.MethodGet, query, "")
	p := e.greeted(got.body)
	return poller{e, p, query + "&sid=" + p.session.ID()}
}

// greeted is whom the server greets with a packet.
func (e *echo) greeted(open string) *peer {
	e.t.Helper()
	_, rest, _ := strings.Cut(open, `0{"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	p, ok := e.peers.Load(sid)
	if !ok {
		e.t.Fatalf("open packet: %s", open)
	}
	return p.(*peer)
}

func (p poller) get() response {
	p.t.Helper()
	return p.do(http.MethodGet, p.query, "")
}

func (p poller) post(body string) response {
	p.t.Helper()
	return p.do(http.MethodPost, p.query, body, "Content-Type", "text/plain;charset=UTF-8")
}

// background polls beside the test, and waits until the server has nothing to say.
func (p poller) background() <-chan response {
	p.t.Helper()
	for len(p.waiting) > 0 {
		<-p.waiting
	}
	answer := make(chan response, 1)
	go func() { answer <- p.get() }()
	wait(p.t, p.waiting)
	return answer
}

// exchange posts body and fails unless a poll brings want.
func (p poller) exchange(body, want string) {
	p.t.Helper()
	p.posts(body)
	p.gets(want)
}

func (p poller) posts(body string) {
	p.t.Helper()
	if got := p.post(body); got.status != http.StatusOK || got.body != "ok" {
		p.t.Fatalf("post %.40q: %+v", body, got)
	}
}

func (p poller) gets(want string) {
	p.t.Helper()
	p.is(p.get(), want)
}

// is fails unless a poll brought want.
func (p poller) is(got response, want string) {
	p.t.Helper()
	if got.status != http.StatusOK || got.body != want {
		p.t.Fatalf("poll: %.200v, want %.100q", got, want)
	}
}

// gone fails unless the session does not exist any more.
func (p poller) gone() {
	p.t.Helper()
	refused(p.t, p.get(), 1)
}

var texts = []string{
	"Transport unknown", "Session ID unknown", "Bad handshake method",
	"Bad request", "Forbidden", "Unsupported protocol version",
}

// refused fails unless got is the error with a code.
func refused(t testing.TB, got response, code int) {
	t.Helper()
	want := `{"code":` + string(rune('0'+code)) + `,"message":"` + texts[code] + `"}`
	status := http.StatusBadRequest
	if code == 4 {
		status = http.StatusForbidden
	}
	if got.status != status || got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %+v, want %d %s", got, status, want)
	}
}
