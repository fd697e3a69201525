package webpush_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"expresschat/push"
	"expresschat/push/webpush"
)

// browser is a subscription as its browser has it: with the private key.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	_, _ = rand.Read(auth)
	return browser{key, auth}
}

// open decrypts a body as RFC 8291 and RFC 8188 say, and not as the library does.
func (b browser) open(t *testing.T, body []byte) []byte {
	t.Helper()
	const saltSize, keySize = 16, 65
	if len(body) < saltSize+5+keySize || len(body) > 4096 || int(body[20]) != keySize {
		t.Fatalf("a body of %d bytes", len(body))
	}
	salt, theirs, sealed := body[:saltSize], body[21:21+keySize], body[21+keySize:]
	if size := binary.BigEndian.Uint32(body[16:20]); size < uint32(len(sealed)) {
		t.Errorf("records of %d bytes, and one of %d", size, len(sealed))
	}
	public, err := ecdh.P256().NewPublicKey(theirs)
	must(t, err)
	shared, err := b.key.ECDH(public)
	must(t, err)
	derive := func(secret, salt []byte, info string, n int) []byte {
		key, err := hkdf.Key(sha256.New, secret, salt, info, n)
		must(t, err)
		return key
	}
	ikm := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(theirs), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	must(t, err)
	aead, err := cipher.NewGCM(block)
	must(t, err)
	text, err := aead.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	must(t, err)
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 { // the last record
		t.Fatal("no end of the text")
	}
	return text[:len(text)-1]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// service stands in for a browser's push service.
type service struct {
	*testing.T
	*httptest.Server
	server *ecdh.PublicKey // whose messages it takes
	took   chan delivery
	answer func(w http.ResponseWriter)
}

type delivery struct {
	topic string
	body  []byte
}

func newService(t *testing.T) (*service, *webpush.Sender) {
	t.Helper()
	text, err := webpush.NewKey()
	must(t, err)
	key, err := webpush.ParseKey(text)
	must(t, err)
	s := &service{T: t, server: key.PublicKey(), took: make(chan delivery, 10), answer: func(w http.ResponseWriter) { w.WriteHeader(http.StatusCreated) }}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, webpush.New(webpush.Options{Key: key, Subscriber: "chat@example.org", Loopback: true, Roots: roots})
}

var topics = regexp.MustCompile(`^[\w-]{1,32}$`)

func (s *service) take(w http.ResponseWriter, r *http.Request) {
	ttl, err := strconv.Atoi(r.Header.Get("TTL"))
	if r.Method != http.MethodPost || r.URL.Path != "/push/abc" || err != nil || ttl < 86000 || ttl > 86400 ||
		r.Header.Get("Content-Encoding") != "aes128gcm" || !topics.MatchString(r.Header.Get("Topic")) || r.Header.Get("Urgency") != "high" {
		s.Errorf("asked %s %s with %v", r.Method, r.URL, r.Header)
	}
	s.checkVAPID(r.Header.Get("Authorization"))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.Error(err)
	}
	s.answer(w)
	s.took <- delivery{r.Header.Get("Topic"), body}
}

// checkVAPID checks who sends (RFC 8292).
func (s *service) checkVAPID(header string) {
	found := regexp.MustCompile(`^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)$`).FindStringSubmatch(header)
	if found == nil {
		s.Errorf("Authorization %q", header)
		return
	}
	var parts [4][]byte
	for i, text := range found[1:] {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			s.Error(err)
		}
		parts[i] = raw
	}
	raw, signature := s.server.Bytes(), parts[2]
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		s.Error(err)
		return
	}
	sum := sha256.Sum256([]byte(found[1] + "." + found[2]))
	if !bytes.Equal(parts[3], raw) || len(signature) != 64 || !ecdsa.Verify(key, sum[:],
		new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		s.Error("not signed with the server's key")
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if json.Unmarshal(parts[0], &head) != nil || json.Unmarshal(parts[1], &claims) != nil {
		s.Error("a token that is none")
	}
	left := time.Until(time.Unix(claims.Exp, 0))
	if head.Alg != "ES256" || claims.Aud != s.URL || claims.Sub != "mailto:chat@example.org" || left <= 0 || left > 24*time.Hour {
		s.Errorf("a token of %+v %+v", head, claims)
	}
}

// device is a browser that subscribed here.
func (s *service) device(sender *webpush.Sender, b browser) push.Device {
	s.Helper()
	d, err := sender.Device(s.URL+"/push/abc", encoded(b.key.PublicKey().Bytes()), encoded(b.auth))
	must(s.T, err)
	d.ID = "d1"
	return d
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func contains(s, part string) bool { return strings.Contains(s, part) }
