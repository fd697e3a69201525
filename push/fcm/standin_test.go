package fcm_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"expresschat/push/fcm"
	"expresschat/server/vchat"
)

// keyOnce is a service account's, which takes a while to make.
var keyOnce = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

const accountEmail = "chat@demo.iam.gserviceaccount.com"

// google stands in for Google's two services: one that gives out access tokens for what a
// service account has signed, and FCM, which takes messages for them.
type google struct {
	*testing.T
	*httptest.Server
	key *rsa.PrivateKey

	mu     sync.Mutex
	tokens int // given out
	took   []message
	// answers are what FCM says to the next messages, in this order; nothing is success.
	answers []answer
	// refuse has no tokens be given out, but this status.
	refuse int
}

type answer struct {
	status     int
	retryAfter string
	body       string
}

// message is projects.messages.send's Message, as the reference of the v1 API has it. What it
// does not name is refused.
type message struct {
	Name         string            `json:"name"`
	Data         map[string]string `json:"data"`
	Notification struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Image string `json:"image"`
	} `json:"notification"`
	Android struct {
		CollapseKey string `json:"collapse_key"`
		Priority    string `json:"priority"`
		TTL         string `json:"ttl"`
	} `json:"android"`
	APNS struct {
		Headers map[string]string `json:"headers"`
		Payload map[string]any    `json:"payload"`
	} `json:"apns"`
	Token     string `json:"token"`
	Topic     string `json:"topic"`
	Condition string `json:"condition"`
}

func newGoogle(t *testing.T) *google {
	t.Helper()
	key, err := keyOnce()
	if err != nil {
		t.Fatal(err)
	}
	g := &google{T: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", g.giveToken)
	mux.HandleFunc("POST /v1/projects/demo/messages:send", g.take)
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	return g
}

// credentials are the JSON that the console of Firebase gives out, for this stand-in.
func (g *google) credentials(changes ...func(map[string]string)) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(g.key)
	if err != nil {
		g.Fatal(err)
	}
	fields := map[string]string{
		"type": "service_account", "project_id": "demo", "private_key_id": "k1",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": accountEmail, "client_id": "1", "token_uri": g.URL + "/token",
		"auth_uri": "https://accounts.google.com/o/oauth2/auth", "universe_domain": "googleapis.com",
	}
	for _, change := range changes {
		change(fields)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		g.Fatal(err)
	}
	return text
}

func (g *google) sender() *fcm.Sender {
	g.Helper()
	s, err := fcm.New(fcm.Options{Credentials: g.credentials(), URL: g.URL + "/", Render: vchat.PushText})
	if err != nil {
		g.Fatal(err)
	}
	return s
}

// giveToken checks the assertion (RFC 7523) as Google describes it.
func (g *google) giveToken(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		g.Errorf("grant_type %q", r.PostFormValue("grant_type"))
	}
	parts := strings.Split(r.PostFormValue("assertion"), ".")
	if len(parts) != 3 {
		g.Fatalf("an assertion of %d parts", len(parts))
	}
	var head struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	g.decode(parts[0], &head)
	g.decode(parts[1], &claims)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(&g.key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		g.Error("the signature is not the account's")
	}
	now := time.Now().Unix()
	if head.Alg != "RS256" || head.Kid != "k1" || claims.Iss != accountEmail || claims.Aud != g.URL+"/token" ||
		claims.Scope != "https://www.googleapis.com/auth/firebase.messaging" ||
		claims.Iat > now+60 || claims.Exp <= now || claims.Exp > claims.Iat+3600 {
		g.Errorf("an assertion of %+v %+v", head, claims)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse != 0 {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(g.refuse)
		fmt.Fprint(w, `{"error": "invalid_grant", "error_description": "account `+accountEmail+` not found"}`)
		return
	}
	g.tokens++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token": "ya29.token%d", "token_type": "Bearer", "expires_in": 3599}`, g.tokens)
}

func (g *google) decode(part string, v any) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		g.Errorf("a part of an assertion: %v", err)
	}
}

func (g *google) take(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if got, want := r.Header.Get("Authorization"), fmt.Sprintf("Bearer ya29.token%d", g.tokens); got != want {
		g.Errorf("sent with %q, want %q", got, want)
	}
	var body struct {
		ValidateOnly bool    `json:"validate_only"`
		Message      message `json:"message"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil || d.More() {
		g.Errorf("a message that is none: %v", err)
	}
	g.took = append(g.took, body.Message)
	if len(g.answers) > 0 {
		a := g.answers[0]
		g.answers = g.answers[1:]
		if a.retryAfter != "" {
			w.Header().Set("Retry-After", a.retryAfter)
		}
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
		return
	}
	fmt.Fprint(w, `{"name": "projects/demo/messages/1"}`)
}

func (g *google) answer(a ...answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers = a
}

func (g *google) refused(status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refuse = status
}

func (g *google) last() message {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.took) == 0 {
		g.Fatal("nothing was sent")
	}
	return g.took[len(g.took)-1]
}
