//go:build !cheaphash

package auth

// The cost of a hash, as OWASP's password storage cheat sheet asks of argon2id.
const (
	hashMemory = 19 << 10 // KiB
	hashTime   = 2
)
