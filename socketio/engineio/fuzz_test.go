package engineio_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"expresschat/socketio/engineio"
)

// account is all that came of some bytes.
type account struct {
	heard []string
	said  string // what the server wrote
	ended error
}

func (a *account) String() string { return fmt.Sprintf("%q %q %v", a.heard, a.said, a.ended) }

// Message says that it is full whenever a message begins so; there is space at once.
func (a *account) Message(data []byte, binary bool) (<-chan struct{}, error) {
	a.heard = append(a.heard, fmt.Sprint(binary, string(data)))
	switch {
	case strings.HasPrefix(string(data), "full"):
		space := make(chan struct{})
		close(space)
		return space, nil
	case strings.HasPrefix(string(data), "error"):
		return nil, io.ErrUnexpectedEOF
	}
	return nil, nil
}

func (*account) Closed(string) {}

// pair is two ends of a connection. Only the first one is the server's.
func pair(t testing.TB) (server net.Conn, client *os.File) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fds[0]), "server")
	defer file.Close()
	client = os.NewFile(uintptr(fds[1]), "client")
	if server, err = net.FileConn(file); err != nil {
		t.Fatal(err)
	}
	return server, client
}

// read has a server read input in pieces, as long as sizes say, the last one for the rest.
func read(t *testing.T, srv *engineio.Server, revision int, input, sizes []byte) *account {
	t.Helper()
	server, client := pair(t)
	defer client.Close()
	a := new(account)
	r, err := engineio.NewReader(srv, server, revision, a)
	if err != nil {
		t.Fatal(err)
	}
	fed, more := 0, true
	for more && len(input) > 0 {
		n := len(input)
		if len(sizes) > 0 {
			n, sizes = min(n, int(sizes[0])+1), sizes[1:]
		}
		if _, err := client.Write(input[:n]); err != nil {
			t.Fatal(err)
		}
		input = input[n:]
		fed += n
		more = r.Read()
		if kept := r.Kept(); kept > 2*fed+16<<10 {
			t.Fatalf("%d bytes are kept of %d", kept, fed)
		}
	}
	a.ended = r.Err()
	r.Close()
	said, err := io.ReadAll(client)
	// A connection is reset when not all of it was read.
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	a.said = string(said)
	return a
}

// FuzzFrames reads anything, in any pieces: the same comes of it as of the whole.
func FuzzFrames(f *testing.F) {
	big := strings.Repeat("0123456789", 2000)
	for _, seed := range [][]byte{
		nil,
		frame(fin|text, "4hello"),
		frames(frame(fin|text, "4full"), frame(fin|text, "4full"), frame(fin|bytes_, "full"), frame(fin|text, "4c"), frame(0, "x")),
		frames(frame(text, "4h"), frame(fin|ping, "p"), frame(0, "\xf0\x9f"), frame(fin, "\x98\x80"), frame(fin|closed, "\x03\xe8")),
		frames(frame(fin|text, "4"+big), frame(fin|text, "4full"+big), frame(bytes_, big), frame(fin, big), frame(fin|ping, "")),
		frames(frame(fin|text, "4"+big+big+big), frame(fin|text, "4a")),
		frames(frame(text, big), frame(0, big), frame(0, big), frame(0, big)),
		frames(frame(fin|text, "2"), frame(fin|text, "3"), frame(fin|text, "6")),
		frames(frame(fin|text, "bAQID"), frame(fin|text, "b4AQID"), frame(fin|bytes_, "\x04\x01"), frame(fin|text, "1")),
		frames(frame(fin|text, "4error"), frame(fin|text, "4a")),
		{fin | text, 5},
		{fin | text, 0xff, 0, 0, 0, 0, 0, 1},
		head(fin|text, 64, 1<<62), head(fin|text, 16, 100),
		frame(fin|text, "4\xff"), frame(fin|closed, "\x03"),
	} {
		for _, sizes := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\x05\x20\x07\xff\xff\xff", strings.Repeat("\xff", 60)} {
			f.Add(seed, []byte(sizes), true)
			f.Add(seed, []byte(sizes), false)
		}
	}
	srv := engineio.New(engineio.Options{MaxPayload: 50000}, nil)
	f.Cleanup(func() {
		if err := srv.Stop(f.Context(), "stop"); err != nil && f.Context().Err() == nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, input, sizes []byte, old bool) {
		input = input[:min(len(input), 100000)] // what a socket's buffer takes
		revision := 4
		if old {
			revision = 3
		}
		whole, pieces := read(t, srv, revision, input, nil), read(t, srv, revision, input, sizes)
		if whole.String() != pieces.String() {
			t.Errorf("in one piece: %.500s\nin pieces: %.500s", whole, pieces)
		}
	})
}
