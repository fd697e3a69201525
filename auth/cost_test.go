//go:build !cheaphash

package auth

import (
	"strings"
	"testing"
)

// What people run hashes at full cost, and takes no hash of a test build.
func TestPasswordsCostWhatTheyShould(t *testing.T) {
	t.Parallel()
	h, err := newHasher(nil)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := h.hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	const full = "$argon2id$v=19$m=19456,t=2,p=1$"
	if !strings.HasPrefix(hash, full) {
		t.Errorf("the hash is %q, want it to begin with %q", hash, full)
	}
	cheap := strings.Replace(hash, full, "$argon2id$v=19$m=64,t=1,p=1$", 1)
	if _, err := decodeHash(cheap); err == nil {
		t.Error("the hash of a test build is taken")
	}
}
