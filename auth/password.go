package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The sizes of a hash, in bytes, and its lanes; cost.go has what it costs.
const (
	hashLanes = 1
	hashSize  = 32
	saltSize  = 16
)

var errHashFormat = errors.New("stored password hash has another format")

// hasher makes and checks password hashes in PHC string format, only so many at once:
// a flood of sign-ins may use half of the machine, and the rest of it goes on.
type hasher struct {
	slots chan struct{}
	// decoy is checked against where there is no account, so that the answer takes as
	// long as if there were one.
	decoy string
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, max(runtime.GOMAXPROCS(0)/2, 1))}
	h.decoy = encodeHash("", make([]byte, saltSize))
	return h
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make salt: %w", err)
	}
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return encodeHash(password, salt), nil
}

// matches reports whether password is the one that phc was made of.
func (h *hasher) matches(ctx context.Context, phc, password string) (bool, error) {
	salt, want, err := decodeHash(phc)
	if err != nil {
		return false, err
	}
	release, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	got := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashLanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (h *hasher) enter(ctx context.Context) (func(), error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a hashing slot: %w", ctx.Err())
	}
}

var phcParams = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashMemory, hashTime, hashLanes)

func encodeHash(password string, salt []byte) string {
	key := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashLanes, hashSize)
	b64 := base64.RawStdEncoding
	return phcParams + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

func decodeHash(phc string) (salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(phc, phcParams)
	s, k, cut := strings.Cut(rest, "$")
	if !ok || !cut {
		return nil, nil, errHashFormat
	}
	if salt, err = base64.RawStdEncoding.DecodeString(s); err != nil {
		return nil, nil, errHashFormat
	}
	if key, err = base64.RawStdEncoding.DecodeString(k); err != nil || len(key) == 0 {
		return nil, nil, errHashFormat
	}
	return salt, key, nil
}
