package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// A service account is taken as it is, or as the name of a file.
func TestAServiceAccount(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "demo", "client_email": "chat@demo.example", "token_uri": "https://oauth2.googleapis.com/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(path, account, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{string(account), path} {
		c, err := readConfig([]string{"CHAT_FCM_CREDENTIALS=" + set})
		if err != nil || c.push.apps == nil {
			t.Errorf("not taken: %v", err)
		}
	}
	if c, err := readConfig(nil); err != nil || c.push.apps != nil || !c.push.content || c.push.loopback {
		t.Errorf("unset: %+v, %v", c.push, err)
	}
}

// Browsers subscribe with the key: it stays.
func TestTheKeyForBrowsersIsMadeOnce(t *testing.T) {
	t.Parallel()
	var c config
	c.DataDir = t.TempDir()
	first, err := vapidKey(c)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := vapidKey(c); err != nil || !again.Equal(first) {
		t.Errorf("another key at the second start: %v", err)
	}
	set, err := readConfig([]string{"CHAT_VAPID_KEY=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", "CHAT_DATA_DIR=" + c.DataDir})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := vapidKey(set); err != nil || key.Equal(first) || key.Bytes()[0] != 1 {
		t.Errorf("the key that was set is not used: %v", err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir, "vapid_key"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vapidKey(c); err == nil {
		t.Error("half a key is one")
	}
}

func TestWhomPushServicesWriteTo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, public, want string }{
		{"Chat <chat@example.org>", "https://chat.example.org", "chat@example.org"},
		{"ExpressChat <no-reply@localhost>", "https://chat.example.org", "https://chat.example.org"},
		{"ExpressChat <no-reply@localhost>", "http://localhost:8080", "no-reply@localhost"},
	} {
		var c config
		c.MailFrom = tt.from
		c.publicURL, _ = url.Parse(tt.public)
		if got := c.subscriber(); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}
