//go:build cheaphash

package auth

// The cost of a hash in test builds, which sign up people by the hundred: the race detector
// makes each of the real ones cost a tenth of a second. A build tag decides, so that no
// setting of a server can; and as the cost stands in each hash, a server without the tag
// takes no hash that was made with it: it is below minMemory there.
const (
	hashMemory = 64 // KiB
	hashTime   = 1
	minMemory  = 8 // KiB, the least there is
)
