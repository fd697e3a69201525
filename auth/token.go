package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MinSecret is the shortest signing secret that is accepted, in bytes: as long as the
// output of the hash it keys (RFC 7518, section 3.2).
const MinSecret = 32

const audience = "expresschat"

// skew is how far the clock of the machine that signed may be ahead of ours.
const skew = time.Minute

// The types that tell tokens apart, beside their keys.
const (
	accessToken  = "access"
	refreshToken = "refresh"
	longToken    = "long"
)

// Pair is what a sign-in hands out: a token to act with, and one to renew it with.
type Pair struct {
	Access  string
	Refresh string
	// Life is how long Refresh lives from when the pair was made, to the second; 0 of a pair
	// that was shown.
	Life time.Duration
}

// claims are all a token says: no name, no address.
type claims struct {
	jwt.RegisteredClaims
	Session SessionID `json:"sid"`
	Type    string    `json:"typ"`
}

func (c *claims) user() UserID { return UserID(c.Subject) }

// tokens signs and reads JSON web tokens (RFC 7519), HS256 and nothing else, with keys of
// their own for each type.
type tokens struct {
	accessKeys, refreshKeys keyring
	longKeys                keyring
	accessTTL, refreshTTL   time.Duration
	sessionMax              time.Duration // how long a session of pairs lasts at most
	now                     func() time.Time
}

// pair makes the first pair of a session.
func (t tokens) pair(s Session) (Pair, error) {
	access, err := t.access(s.User, s.ID)
	if err != nil {
		return Pair{}, err
	}
	refresh, err := t.refresh(s.User, s.ID, s.Refresh)
	return Pair{Access: access, Refresh: refresh, Life: s.Refresh.ExpiresAt.Sub(s.Refresh.IssuedAt).Round(time.Second)}, err
}

func (t tokens) access(u UserID, s SessionID) (string, error) {
	now := t.now()
	return t.sign(accessToken, t.accessKeys, newClaims(u, s, NewID(), now, now.Add(t.accessTTL)))
}

// long makes the token of a long session. It has no end of its own: the session's is moved
// while the token stays the same.
func (t tokens) long(s Session) (string, error) {
	return t.sign(longToken, t.longKeys, newClaims(s.User, s.ID, NewID(), t.now(), time.Time{}))
}

// newClaims are of a token with that name, which expires at until, or never where that is
// zero.
func newClaims(u UserID, s SessionID, name string, from, until time.Time) claims {
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:       name,
			Subject:  string(u),
			Audience: jwt.ClaimStrings{audience},
			IssuedAt: jwt.NewNumericDate(from),
		},
		Session: s,
	}
	if !until.IsZero() {
		c.ExpiresAt = jwt.NewNumericDate(until)
	}
	return c
}

func (t tokens) sign(typ string, keys keyring, c claims) (string, error) {
	c.Type = typ
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
	token.Header["kid"] = keys.first().id
	signed, err := token.SignedString(keys.first().secret)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// readAccess returns the claims of a genuine access token and whether it has expired.
// Anything else is ErrUnauthenticated.
func (t tokens) readAccess(token string) (c *claims, expired bool, err error) {
	return t.readExpiring(accessToken, t.accessKeys, token)
}

// readRefresh does the same for a refresh token.
func (t tokens) readRefresh(token string) (c *claims, expired bool, err error) {
	return t.readExpiring(refreshToken, t.refreshKeys, token)
}

func (t tokens) readExpiring(typ string, keys keyring, token string) (c *claims, expired bool, err error) {
	c, err = t.read(typ, keys, token, jwt.WithExpirationRequired())
	if errors.Is(err, jwt.ErrTokenExpired) {
		return c, true, nil
	}
	if err != nil {
		return nil, false, ErrUnauthenticated
	}
	return c, false, nil
}

// readLong returns the claims of a genuine token of a long session. Anything else is
// ErrUnauthenticated.
func (t tokens) readLong(token string) (*claims, error) {
	c, err := t.read(longToken, t.longKeys, token)
	if err != nil {
		return nil, ErrUnauthenticated
	}
	return c, nil
}

// read checks the signature and every claim. It returns the claims with
// jwt.ErrTokenExpired only if the age of the token is all that is wrong with it.
func (t tokens) read(typ string, keys keyring, token string, more ...jwt.ParserOption) (*claims, error) {
	c := &claims{}
	_, err := jwt.ParseWithClaims(token, c,
		keys.of,
		append(
			more,
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithAudience(audience),
			jwt.WithTimeFunc(t.now),
		)...,
	)
	if err != nil && !onlyExpired(err) {
		return nil, ErrUnauthenticated // one that has expired too must not pass for just that
	}
	if c.Type != typ || !c.onlyForUs() || !c.issuedBy(t.now().Add(skew)) ||
		CheckID(c.Subject) != nil || CheckID(string(c.Session)) != nil {
		return nil, ErrUnauthenticated
	}
	return c, err
}

func (c *claims) onlyForUs() bool { return len(c.Audience) == 1 && c.Audience[0] == audience }

func (c *claims) issuedBy(latest time.Time) bool {
	return c.IssuedAt != nil && !c.IssuedAt.After(latest)
}

// onlyExpired relies on the signature being checked before the claims, and on all
// claims being checked together: the validator joins what it finds wrong.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) &&
		!errors.Is(err, jwt.ErrTokenInvalidAudience) &&
		!errors.Is(err, jwt.ErrTokenNotValidYet) &&
		!errors.Is(err, jwt.ErrTokenUsedBeforeIssued) &&
		!errors.Is(err, jwt.ErrTokenRequiredClaimMissing) &&
		!errors.Is(err, jwt.ErrTokenSignatureInvalid)
}
