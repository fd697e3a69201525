//go:build !cheaphash

package auth

// The cost of a hash, as OWASP's password storage cheat sheet asks of argon2id, and the least
// memory that it takes for any number of turns. A stored hash of less is not taken.
const (
	hashMemory = 19 << 10 // KiB
	hashTime   = 2
	minMemory  = 7 << 10 // KiB
)
