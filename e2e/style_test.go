package e2e

import (
	"hash/fnv"
	"testing"
)

// Ways in which a client starts its connection.
const (
	pollingFirst  = "polling-then-upgrade"
	pollingOnly   = "polling-only" // behind a proxy that knows no websockets
	websocketOnly = "websocket-only"
)

// Places where the token pair is.
const (
	inCookies = "cookies"
	inQuery   = "query"
	inAuth    = "auth"
)

// style is how somebody connects: with which client, over what, and where the tokens
// are.
type style struct {
	client, transport, tokens string
}

func (s style) String() string { return s.client + "/" + s.transport + "/" + s.tokens }

// styles are all ways to connect that have to work.
func styles() []style {
	var all []style
	for _, client := range []string{node2, node3, node4, nodeNewest, goNewest, python} {
		for _, transport := range []string{pollingFirst, pollingOnly, websocketOnly} {
			// The Go client writes nothing while a poll is open, with any server.
			if client == goNewest && transport == pollingOnly {
				continue
			}
			for _, tokens := range []string{inCookies, inQuery, inAuth} {
				// Socket.IO 2 knows no auth.
				if client == node2 && tokens == inAuth {
					continue
				}
				all = append(all, style{client, transport, tokens})
			}
		}
	}
	return all
}

// rotation deals the styles to the sockets of a test, beginning somewhere that
// depends on the test's name alone, so that a failure comes back with its test.
func rotation(test string) func() style {
	h := fnv.New32a()
	_, _ = h.Write([]byte(test))
	all := styles()
	next := int(h.Sum32() % uint32(len(all)))
	return func() style {
		// Prime to the number of styles, so that all come up, and so far that
		// neighbours differ in client, transport and place.
		next = (next + 13) % len(all)
		return all[next]
	}
}

func (s style) transports() []string {
	switch s.transport {
	case pollingOnly:
		return []string{"polling"}
	case websocketOnly:
		return []string{"websocket"}
	default:
		return []string{"polling", "websocket"}
	}
}

// options are those of a client of this style with a user's tokens.
func (s style) options(access, refresh string) options {
	o := options{
		Transports:           s.transports(),
		Reconnection:         true,
		ReconnectionDelay:    100,
		ReconnectionDelayMax: 500,
	}
	switch s.tokens {
	case inCookies:
		o.ExtraHeaders = map[string]string{"Cookie": "access_token=" + access + "; refresh_token=" + refresh}
	case inQuery:
		o.Query = map[string]string{"accessToken": access, "refreshToken": refresh}
	case inAuth:
		o.Auth = obj{"accessToken": access, "refreshToken": refresh, "client": "e2e/1"}
	}
	return o
}

func TestRotationDealsEveryStyle(t *testing.T) {
	t.Parallel()
	next, dealt := rotation(t.Name()), map[style]bool{}
	for range styles() {
		dealt[next()] = true
	}
	if len(dealt) != len(styles()) {
		t.Errorf("%d of %d styles come up", len(dealt), len(styles()))
	}
}
