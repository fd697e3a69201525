package webpush_test

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"expresschat/bus"
	"expresschat/push"
	"expresschat/push/webpush"
)

func notice(room bus.RoomID) push.Notification {
	return push.Notification{
		Title: "Ana", Body: "Grüße, <b>", Until: time.Now().Add(push.TTL),
		Message: push.Message{ID: "m1", Room: room, Kind: bus.Group, Seq: 7, Type: bus.Text, Content: "not in here"},
	}
}

func TestABrowserIsToldWhatItCanDecrypt(t *testing.T) {
	t.Parallel()
	s, sender := newService(t)
	b := newBrowser(t)
	d := s.device(sender, b)
	var topics []string
	for _, room := range []bus.RoomID{"r1", "r1", "r2"} {
		must(t, sender.Send(t.Context(), d, notice(room)))
		got := <-s.took
		topics = append(topics, got.topic)
		var said map[string]string
		must(t, json.Unmarshal(b.open(t, got.body), &said))
		want := map[string]string{"title": "Ana", "body": "Grüße, <b>", "chatId": string(room), "kind": "group", "id": "m1"}
		if !reflect.DeepEqual(said, want) {
			t.Errorf("told %v, want %v", said, want)
		}
		if len(got.body) != 4096 {
			t.Errorf("%d bytes, by which one can tell how much was said", len(got.body))
		}
	}
	if topics[0] != topics[1] || topics[0] == topics[2] {
		t.Errorf("topics %q: the newest of a room takes the place of others", topics)
	}
	other := d
	other.ID = "d2"
	must(t, sender.Send(t.Context(), other, notice("r1")))
	if got := <-s.took; got.topic == topics[0] {
		t.Error("a push service can tell who is in a room together")
	}
}

// The longest that a notification can be, with all of it escaped.
func TestTheLongestNotificationFits(t *testing.T) {
	t.Parallel()
	s, sender := newService(t)
	b := newBrowser(t)
	n := notice("0190f3c2-0000-7000-8000-00000000000a")
	n.Title, n.Body = strings.Repeat("<", 64), strings.Repeat("<", 64)+": "+strings.Repeat("&", 200)
	must(t, sender.Send(t.Context(), s.device(sender, b), n))
	var said struct{ Body string }
	must(t, json.Unmarshal(b.open(t, (<-s.took).body), &said))
	if said.Body != n.Body {
		t.Errorf("told %q", said.Body)
	}
}

func TestWhatAPushServiceAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		header [2]string
		want   error // nil: try again
		after  time.Duration
	}{
		"gone":         {410, [2]string{}, push.ErrGone, 0},
		"not found":    {404, [2]string{}, push.ErrGone, 0},
		"too much":     {429, [2]string{"Retry-After", "37"}, nil, 37 * time.Second},
		"overloaded":   {503, [2]string{"Retry-After", "120"}, nil, 2 * time.Minute},
		"broken":       {500, [2]string{}, nil, 0},
		"for too long": {503, [2]string{"Retry-After", "99999999"}, nil, push.TTL},
		"too large":    {413, [2]string{}, push.ErrRefused, 0},
		"bad request":  {400, [2]string{}, push.ErrRefused, 0},
		"another key":  {403, [2]string{}, push.ErrRefused, 0},
		"elsewhere":    {307, [2]string{"Location", "https://127.0.0.1:1/"}, push.ErrRefused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sender := newService(t)
			s.answer = func(w http.ResponseWriter) {
				if tt.header[0] != "" {
					w.Header().Set(tt.header[0], tt.header[1])
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(strings.Repeat("x", 1<<20))) // of which little is read
			}
			err := sender.Send(t.Context(), s.device(sender, newBrowser(t)), notice("r1"))
			var delay *push.DelayError
			switch {
			case tt.want != nil && !errors.Is(err, tt.want):
				t.Errorf("%v, want %v", err, tt.want)
			case tt.want == nil && (!errors.As(err, &delay) || delay.After != tt.after || delay.Service != (tt.status >= 500)):
				t.Errorf("%+v, want it tried again after %v", err, tt.after)
			case contains(err.Error(), "abc"), contains(err.Error(), "127.0.0.1"):
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

// Where a client says that its push service is, nobody is asked in a private network, not even
// if a name leads there.
func TestNobodyInAPrivateNetworkIsAsked(t *testing.T) {
	t.Parallel()
	asked := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	_, trusted := newService(t)
	key, err := webpush.NewKey()
	must(t, err)
	private, err := webpush.ParseKey(key)
	must(t, err)
	sender := webpush.New(webpush.Options{Key: private, Subscriber: "chat@example.org"})
	b := newBrowser(t)
	d := push.Device{ID: "d", P256dh: b.key.PublicKey().Bytes(), Auth: b.auth}
	for _, host := range []string{inside.Listener.Addr().String(), strings.Replace(inside.Listener.Addr().String(), "127.0.0.1", "localhost", 1)} {
		d.Token = "https://" + host + "/push/abc"
		var delay *push.DelayError
		if err := sender.Send(t.Context(), d, notice("r1")); !errors.As(err, &delay) || err.Error() != "push service is where none may be" {
			t.Errorf("%s: %v", host, err)
		}
	}
	d.Token = "https://192.0.2.1/push/abc" // that lets this machine only, lets nobody else
	if err := trusted.Send(t.Context(), d, notice("r1")); err == nil || err.Error() != "push service is where none may be" {
		t.Errorf("loopback: %v", err)
	}
	if asked {
		t.Error("somebody inside was asked")
	}
}

func TestAPushServiceThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s, sender := newService(t)
	d := s.device(sender, newBrowser(t))
	stalled, end := make(chan struct{}), make(chan struct{})
	s.answer = func(http.ResponseWriter) {
		close(stalled)
		<-end
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-stalled
		cancel()
	}()
	var delay *push.DelayError
	if err := sender.Send(ctx, d, notice("r1")); !errors.As(err, &delay) || contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
	close(end)
	<-s.took
	s.Close()
	if err := sender.Send(t.Context(), d, notice("r1")); !errors.As(err, &delay) || contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	key, err := webpush.NewKey()
	must(t, err)
	private, err := webpush.ParseKey(key)
	must(t, err)
	sender := webpush.New(webpush.Options{Key: private})
	point, auth := encoded(b.key.PublicKey().Bytes()), encoded(b.auth)
	off := b.key.PublicKey().Bytes()
	off[40] ^= 1
	compressed := append([]byte{2}, b.key.PublicKey().Bytes()[1:33]...)
	const endpoint = "https://updates.push.services.mozilla.com/wpush/v2/gAAA"
	for name, tt := range map[string]struct {
		endpoint, p256dh, auth string
		good                   bool
	}{
		"a browser's":            {endpoint, point, auth, true},
		"with padding":           {endpoint, point + "=", auth + "==", true},
		"another port":           {"https://push.example.org:8443/x", point, auth, true},
		"a public address":       {"https://93.184.215.14/x", point, auth, true},
		"without TLS":            {"http://push.example.org/x", point, auth, false},
		"without a host":         {"https:///x", point, auth, false},
		"with a password":        {"https://a:b@push.example.org/x", point, auth, false},
		"too long":               {endpoint + strings.Repeat("x", 2048), point, auth, false},
		"this machine":           {"https://127.0.0.1/x", point, auth, false},
		"this machine, IPv6":     {"https://[::1]:443/x", point, auth, false},
		"a machine inside":       {"https://192.168.1.1/x", point, auth, false},
		"inside, mapped":         {"https://[::ffff:10.0.0.1]/x", point, auth, false},
		"nothing":                {"", point, auth, false},
		"a file":                 {"file:///etc/passwd", point, auth, false},
		"a point off the curve":  {endpoint, encoded(off), auth, false},
		"a compressed point":     {endpoint, encoded(compressed), auth, false},
		"no point":               {endpoint, "", auth, false},
		"a secret of 15 bytes":   {endpoint, point, encoded(b.auth[1:]), false},
		"a secret of characters": {endpoint, point, "!!!", false},
	} {
		d, err := sender.Device(tt.endpoint, tt.p256dh, tt.auth)
		if (err == nil) != tt.good || (err != nil && !errors.Is(err, push.ErrSubscription)) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.good && (d.Kind != push.Web || d.Token != tt.endpoint || len(d.P256dh) != 65 || len(d.Auth) != 16) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// What a push service says of itself goes for a host.
func TestThePushServiceOfADevice(t *testing.T) {
	t.Parallel()
	_, sender := newService(t)
	of := func(endpoint string) string { return sender.Service(push.Device{Token: endpoint}) }
	if a := of("https://push.example/a?b"); a != of("https://PUSH.example/c") || a == of("https://push.example:444/a") || a == of("https://push2.example/a") {
		t.Errorf("at %q", a)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	made, err := webpush.NewKey()
	must(t, err)
	for text, good := range map[string]bool{
		made: true, made + "=": true, "": false, "AAAA": false, "no key": false, made + made: false,
		strings.Repeat("A", 43): false, // zero is no private key
	} {
		if _, err := webpush.ParseKey(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
	key, err := webpush.ParseKey(made)
	must(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(webpush.New(webpush.Options{Key: key}).Key())
	must(t, err)
	if public, err := ecdh.P256().NewPublicKey(raw); err != nil || !public.Equal(key.PublicKey()) {
		t.Errorf("the public key is another one: %v", err)
	}
}
