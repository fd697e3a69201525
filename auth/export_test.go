package auth

import "golang.org/x/crypto/argon2"

// WeakHash is a hash of a password that costs half of one of today.
func WeakHash(password string) string {
	weak := phc{cost: cost{hashMemory / 2, hashTime, hashLanes}, salt: make([]byte, saltSize)}
	weak.key = argon2.IDKey([]byte(password), weak.salt, weak.time, weak.memory, weak.lanes, hashSize)
	return weak.String()
}
