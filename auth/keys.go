package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/golang-jwt/jwt/v5"
)

// kidBytes is how much of a hash names a key: enough that no two keys of a list share it.
const kidBytes = 8

// key is a secret and the name that tokens give it (RFC 7515, section 4.1.4).
type key struct {
	id     string
	secret []byte
}

// keyring is the keys of one use. The first signs and all verify, so that a key can be
// replaced while what the one before has signed goes on.
type keyring []key

func newKeyring(secrets [][]byte) keyring {
	var ring keyring
	for _, s := range secrets {
		// A signature tells as much of its key as this does.
		id := deriveKey(s, "key id")[:kidBytes]
		ring = append(ring, key{id: hex.EncodeToString(id), secret: s})
	}
	return ring
}

// derived makes a ring for one use out of a ring that has another.
func (r keyring) derived(use string) keyring {
	var secrets [][]byte
	for _, k := range r {
		secrets = append(secrets, deriveKey(k.secret, use))
	}
	return newKeyring(secrets)
}

func (r keyring) first() key { return r[0] }

// find returns the key of that name.
func (r keyring) find(id string) (key, bool) {
	for _, k := range r {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

// of picks what a token is verified with: the key that it names, and no other. One that
// names none was signed before keys had names, by any of them: such tokens of long sessions
// have no end.
func (r keyring) of(t *jwt.Token) (any, error) {
	named, there := t.Header["kid"]
	if !there {
		var set jwt.VerificationKeySet
		for _, k := range r {
			set.Keys = append(set.Keys, k.secret)
		}
		return set, nil
	}
	id, _ := named.(string)
	k, found := r.find(id)
	if !found {
		return nil, ErrUnauthenticated
	}
	return k.secret, nil
}

// deriveKey makes a key for one use out of a secret that has another.
func deriveKey(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(use))
	return m.Sum(nil)
}
