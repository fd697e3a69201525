package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/argon2"
)

// ErrBusy means that so many passwords wait to be hashed that another one would wait for
// longer than its client does. Nothing was begun.
var ErrBusy = errors.New("too many passwords are being checked, try again")

// waitersPerSlot bounds who waits for a slot: about two seconds of work of a full one.
const waitersPerSlot = 64

// KDF computes a hash of a password, as argon2.IDKey does.
type KDF func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// hasher makes and checks password hashes in PHC string format, only so many at once. A
// flood of sign-ins may use half of the machine and as many times the memory of one hash,
// and the rest goes on. Who comes while all slots are taken waits for their turn, in the
// order in which they came; who would be one too many is refused at once.
type hasher struct {
	kdf   KDF
	slots chan struct{}
	queue chan struct{} // a place for each who waits or has a slot
	// decoy is checked against where there is no account, so that the answer takes as
	// long as if there were one.
	decoy string
}

func newHasher(kdf KDF) (*hasher, error) {
	if kdf == nil {
		kdf = argon2.IDKey
	}
	slots := max(runtime.GOMAXPROCS(0)/2, 1)
	h := &hasher{kdf: kdf, slots: make(chan struct{}, slots), queue: make(chan struct{}, slots*(1+waitersPerSlot))}
	decoy := phc{cost: costToday, salt: make([]byte, saltSize), key: make([]byte, hashSize)}
	if _, err := rand.Read(decoy.key); err != nil {
		return nil, fmt.Errorf("make decoy: %w", err)
	}
	h.decoy = decoy.String()
	return h, nil
}

// hash makes the hash that is stored of a password. The error is ErrBusy or ctx's.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	made := phc{cost: costToday, salt: make([]byte, saltSize)}
	if _, err := rand.Read(made.salt); err != nil {
		return "", fmt.Errorf("make salt: %w", err)
	}
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	made.key = h.compute(made, password, hashSize)
	return made.String(), nil
}

// matches reports whether password is the one that stored was made of. It computes one
// hash, also where stored is none; the error is ErrOddHash then. Else it is ErrBusy or ctx's.
func (h *hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	want, odd := decodeHash(stored)
	if odd != nil {
		want, _ = decodeHash(h.decoy)
	}
	release, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	got := h.compute(want, password, len(want.key))
	if odd != nil {
		return false, ErrOddHash
	}
	return subtle.ConstantTimeCompare(got, want.key) == 1, nil
}

func (h *hasher) compute(of phc, password string, size int) []byte {
	return h.kdf([]byte(password), of.salt, of.time, of.memory, of.lanes, uint32(size))
}

// isWeak tells whether a stored hash costs who guesses less than one of today.
func isWeak(stored string) bool {
	h, err := decodeHash(stored)
	return err == nil && h.less(costToday)
}

// enter takes a slot. Who is in the queue gets one in turn, as a channel serves those who
// wait for it.
func (h *hasher) enter(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, fmt.Errorf("wait for a hashing slot: %w", ctx.Err())
	}
}
