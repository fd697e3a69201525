package limits

import (
	"context"
	"errors"
	"net/http"
	"time"

	"expresschat/auth"
)

// Accounts is what is asked of package auth.
type Accounts interface {
	Whose(ctx context.Context, login string) (auth.UserID, error)
	TellLocked(ctx context.Context, user auth.UserID) error
}

// endPatience bounds what comes of a try, which does not depend on whether its client is
// still there: or who guesses could hang up before the owner is told.
const endPatience = 5 * time.Second

const signingIn = "login"

// SignIn is one try to sign in that was counted.
type SignIn struct {
	limits   *Limits
	accounts Accounts
	user     auth.UserID // empty where there is no account
	last     bool
}

// SignIn spends a try to sign in. An account has one count, whatever its user writes for its
// address, and through any door; what is nobody's has one of the same size, so that
// nobody learns from a refusal which it is. Sessions that are open have no part in it.
func (l *Limits) SignIn(ctx context.Context, accounts Accounts, r *http.Request, login string) (SignIn, time.Duration, error) {
	if !l.on {
		return SignIn{}, 0, nil
	}
	user, err := accounts.Whose(ctx, login)
	if err != nil && !errors.Is(err, auth.ErrNoUser) {
		return SignIn{}, 0, err
	}
	o, err := l.spend(ctx, []Try{{PerAccount, signingIn, signer(user, login)}, From(r)})
	return SignIn{l, accounts, user, o.last}, o.wait, err
}

// signer is whose tries to sign in a user's are, or those of what has no user.
func signer(user auth.UserID, login string) string {
	if user != "" {
		return string(user)
	}
	return auth.EmailKey(login)
}

// End is told what came of the try. After a success the account has all of its tries back; if
// the last one failed, its owner is told.
func (t SignIn) End(ctx context.Context, failed error) error {
	if t.limits == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
	defer cancel()
	wrong := errors.Is(failed, auth.ErrWrongPassword) || errors.Is(failed, auth.ErrNoUser) || errors.Is(failed, auth.ErrNotVerified)
	switch {
	case failed == nil:
		return t.limits.Forgive(ctx, signingIn, string(t.user))
	case wrong && t.last:
		return t.accounts.TellLocked(ctx, t.user)
	}
	return nil
}

// ForgiveSignIn gives an account its tries to sign in back: to who has shown by other means
// that it is theirs.
func (l *Limits) ForgiveSignIn(ctx context.Context, accounts Accounts, login string) error {
	if !l.on {
		return nil
	}
	user, err := accounts.Whose(ctx, login)
	if err != nil {
		return err
	}
	return l.Forgive(ctx, signingIn, string(user))
}
