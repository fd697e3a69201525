package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"time"
)

// How long a code lives, and how many wrong ones it survives.
const (
	CodeTTL  = 10 * time.Minute
	MaxTries = 5
)

// linkBytes of randomness make the code of a link.
const linkBytes = 32

// codes makes and hashes the codes of one purpose. Six digits can be guessed from a plain
// hash in no time, so the hash is keyed, by a key for the purpose, and bound to the account
// it is for.
type codes struct{ keys keyring }

func newCode(source Source) (string, error) {
	if source == FromApp {
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return "", fmt.Errorf("make code: %w", err)
		}
		return fmt.Sprintf("%06d", n), nil
	}
	b := make([]byte, linkBytes)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("make code: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// issue makes a code for an account, and what is kept of it.
func (c codes) issue(id UserID, source Source, now time.Time) (string, CodeState, error) {
	code, err := newCode(source)
	if err != nil {
		return "", CodeState{}, err
	}
	return code, CodeState{Source: source, Hash: c.hash(id, code), ExpiresAt: now.Add(CodeTTL)}, nil
}

func (c codes) hash(id UserID, code string) []byte { return hashCode(c.keys.first(), id, code) }

func hashCode(k key, id UserID, code string) []byte {
	m := hmac.New(sha256.New, k.secret)
	m.Write([]byte(id))
	m.Write([]byte{0})
	m.Write([]byte(code))
	return m.Sum(nil)
}

// judge says what comes of a code that somebody presents, of one that nobody has used.
func (c codes) judge(id UserID, kept CodeState, code string, now time.Time) Verdict {
	switch {
	case kept.Tries >= MaxTries, !now.Before(kept.ExpiresAt):
		return Refused
	case !c.matches(id, kept.Hash, code):
		return Missed
	}
	return Granted
}

func (c codes) matches(id UserID, hash []byte, code string) bool {
	for _, k := range c.keys {
		if hmac.Equal(hash, hashCode(k, id, code)) {
			return true
		}
	}
	return false
}
