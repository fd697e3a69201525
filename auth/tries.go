package auth

import (
	"context"
	"time"
)

// Rate is how often something may be tried: Burst times at once, and then once in Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Bucket is one count of tries, by a hash that tells nobody what is counted. A try has to
// pass both rates, and is counted by both or, where it is refused, by neither.
type Bucket struct {
	Key        []byte
	Fast, Slow Rate
}

// Spent is what came of one try.
type Spent struct {
	Passed bool
	// Fast and Slow are how far ahead of now the bucket is, at its two rates: within the
	// time of their bursts it takes tries.
	Fast, Slow time.Duration
}

// Whose returns whose account somebody wants to sign in to: by its address in any spelling,
// or by its user's id. The error is ErrNoUser.
func (s *Service) Whose(ctx context.Context, login string) (UserID, error) {
	key, err := lookupKey(login)
	if err != nil {
		return "", err
	}
	account, err := s.lookUp(ctx, key)
	return account.ID, err
}
