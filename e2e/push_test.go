package e2e

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pushServices stand in for Google's and for a browser's. How they are spoken to, tests of
// push/fcm and push/webpush check.
type pushServices struct {
	t        *testing.T
	fcm, web *httptest.Server
	apps     chan obj    // messages for apps
	browsers chan string // paths of endpoints that got something
}

func newPushServices(t *testing.T) *pushServices {
	p := &pushServices{t: t, apps: make(chan obj, 100), browsers: make(chan string, 100)}
	google := http.NewServeMux()
	google.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "t", "token_type": "Bearer", "expires_in": 3599}`)
	})
	google.HandleFunc("POST /v1/projects/demo/messages:send", func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ Message obj }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		p.apps <- body.Message
	})
	p.fcm = httptest.NewServer(google)
	p.web = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		p.browsers <- r.URL.Path
	}))
	t.Cleanup(p.fcm.Close)
	t.Cleanup(p.web.Close)
	return p
}

// env has a server use them.
func (p *pushServices) env(dir string) []string {
	p.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	account, err := json.Marshal(obj{
		"type": "service_account", "project_id": "demo", "client_email": "chat@demo.example", "token_uri": p.fcm.URL + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.web.Certificate().Raw})
	paths := map[string][]byte{filepath.Join(dir, "account.json"): account, filepath.Join(dir, "roots.pem"): roots}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	for path, text := range paths {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return []string{
		"CHAT_LIMITS=off", "CHAT_PUSH_LOOPBACK=on", "CHAT_FCM_URL=" + p.fcm.URL,
		"CHAT_FCM_CREDENTIALS=" + filepath.Join(dir, "account.json"), "SSL_CERT_FILE=" + filepath.Join(dir, "roots.pem"),
	}
}

// pushed waits for what a push service got.
func pushed[V any](t *testing.T, c <-chan V) V {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case v := <-c:
		return v
	case <-limit.C:
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// The built server tells apps and browsers of those who are away.
func TestPushToAppsAndBrowsers(t *testing.T) {
	t.Parallel()
	p, dir := newPushServices(t), filepath.Join(shared.dir, "push")
	s, err := startServer(shared.binary, dir, p.env(dir)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	w := newWorldOn(t, s, "")
	w.registered("ana", "ben")
	w.as("ben").ok(http.MethodPatch, "user", obj{"fcmToken": "bk3RNwTe3H0:of-ben", "platform": "Android"})
	room := w.single("ana", "ben", "a walk, at nine?")
	m := pushed(t, p.apps)
	check(t, "what the app gets", m, obj{
		"token": "bk3RNwTe3H0:of-ben", "notification": obj{"title": w.users["ana"].name, "body": "a walk, at nine?"},
		"data": obj{"roomId": room, "message": someText}, "android": obj{"priority": "high", "ttl": someText},
		"apns": obj{"headers": obj{"apns-priority": "10", "apns-expiration": someText}, "payload": obj{"aps": obj{"sound": "default"}}},
	})
	text, _ := m["data"].(obj)["message"].(string)
	var message any
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		t.Fatal(err)
	}
	check(t, "its message", message, wireMessage(obj{"content": "a walk, at nine?", "senderId": w.users["ana"].id, "roomId": room}))

	zoe, err := signUp(t.Context(), s, "Zoe")
	if err != nil {
		t.Fatal(err)
	}
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	subscription := obj{"endpoint": p.web.URL + "/push/zoe", "keys": obj{
		"p256dh": base64.RawURLEncoding.EncodeToString(browser.PublicKey().Bytes()), "auth": strings.Repeat("A", 22),
	}}
	a := restOf(t, s).do(http.MethodPost, "/push/subscription", subscription, header("Authorization", "Bearer "+zoe.access))
	if a.status != http.StatusOK {
		t.Fatalf("subscribed: %d %s", a.status, a.short())
	}
	w.users["zoe"] = zoe
	w.as("ana").ok(http.MethodPost, "room/single", obj{"peerEmail": zoe.email, "message": "and you?"})
	if path := pushed(t, p.browsers); path != "/push/zoe" {
		t.Errorf("told %s", path)
	}
}
