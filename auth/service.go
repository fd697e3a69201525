package auth

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// DefaultSessionMax is how long a session with a pair of tokens lasts at most.
const DefaultSessionMax = 90 * 24 * time.Hour

// Config is what a Service is made of besides its ports.
type Config struct {
	AccessSecret  []byte // signs access tokens, MinSecret bytes or more
	RefreshSecret []byte // signs refresh tokens and keys the hashes of codes
	// Those that came before them. What they have signed is still good.
	OldAccessSecrets, OldRefreshSecrets [][]byte

	AccessTTL  time.Duration
	RefreshTTL time.Duration // of each refresh token
	// SessionMax is how long a session lasts at most, however often its tokens are renewed;
	// where it is zero, DefaultSessionMax or RefreshTTL, whichever is longer.
	SessionMax time.Duration
	// Admission says who may Register; empty is AdmitNobody. A door has nothing to decide
	// here: it passes on what Register answers.
	Admission Admission
	// PublicURL is where people reach the server; links in mails start with it.
	PublicURL *url.URL
	// Now is the clock; time.Now where nil.
	Now func() time.Time
}

// Service signs people up, in and out.
type Service struct {
	store     Store
	letters   Letters
	postman   Postman
	announcer Announcer
	hasher    *hasher
	codes     codes // for verification
	resets    codes
	tokens    tokens
	admission Admission
	publicURL *url.URL
	now       func() time.Time
}

// New makes a Service. The error names the setting that makes no sense.
func New(c Config, store Store, letters Letters, postman Postman, announcer Announcer) (*Service, error) {
	access, refresh := c.secrets()
	for _, s := range slices.Concat(access, refresh) {
		if len(s) < MinSecret {
			return nil, fmt.Errorf("a signing secret has fewer than %d bytes", MinSecret)
		}
	}
	if c.AccessTTL <= 0 || c.RefreshTTL <= 0 {
		return nil, fmt.Errorf("a token's lifetime is not positive")
	}
	if c.SessionMax == 0 {
		c.SessionMax = max(DefaultSessionMax, c.RefreshTTL)
	}
	if c.SessionMax < c.RefreshTTL {
		return nil, fmt.Errorf("a session is shorter than a token's lifetime")
	}
	if !c.Admission.known() {
		return nil, fmt.Errorf("there is no admission %q", c.Admission)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	refreshKeys := newKeyring(refresh)
	return &Service{
		store:     store,
		letters:   letters,
		postman:   postman,
		announcer: announcer,
		hasher:    newHasher(),
		codes:     codes{keys: refreshKeys.derived("verification codes")},
		resets:    codes{keys: refreshKeys.derived("password resets")},
		tokens: tokens{
			accessKeys: newKeyring(access), refreshKeys: refreshKeys,
			longKeys:  refreshKeys.derived("long sessions"),
			accessTTL: c.AccessTTL, refreshTTL: c.RefreshTTL, sessionMax: c.SessionMax, now: c.Now,
		},
		admission: c.Admission,
		publicURL: c.PublicURL,
		now:       c.Now,
	}, nil
}

// secrets are all of each kind, those that sign first.
func (c Config) secrets() (access, refresh [][]byte) {
	return append([][]byte{c.AccessSecret}, c.OldAccessSecrets...), append([][]byte{c.RefreshSecret}, c.OldRefreshSecrets...)
}
