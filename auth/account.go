package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Application is what somebody fills in to sign up.
type Application struct {
	Name     string
	Email    string
	Password string
	Source   Source
}

// SignUp keeps an application until its address is verified, and sends the code there.
// Applying again replaces the earlier attempt. The error is ErrBadName, ErrBadEmail,
// ErrBadPassword, ErrCommonPassword or ErrEmailTaken where the applicant is at fault, or
// ErrBusy. With Config.HideAccounts nobody hears ErrEmailTaken, but the account's owner of it.
func (s *Service) SignUp(ctx context.Context, a Application) error {
	name, err := CleanName(a.Name)
	if err != nil {
		return err
	}
	email, err := cleanEmail(a.Email)
	if err != nil {
		return err
	}
	if err := checkPassword(a.Password, email, name); err != nil {
		return err
	}
	return s.keepSignUp(ctx, SignUp{ID: NewUserID(), Email: email, Name: name}, a.Password, a.Source)
}

// keepSignUp completes su, whose password and address are checked, and sends the code.
func (s *Service) keepSignUp(ctx context.Context, su SignUp, password string, source Source) (err error) {
	var owner Account
	if s.hideAccounts {
		if owner, err = s.store.Account(ctx, EmailKey(su.Email)); err != nil && !errors.Is(err, ErrNoUser) {
			return fmt.Errorf("look up account: %w", err)
		}
	}
	if su.PasswordHash, err = s.hasher.hash(ctx, password); err != nil {
		return err
	}
	letter, err := s.issueCode(&su, source)
	if err != nil {
		return err
	}
	if owner.Verified {
		return s.answerQuietly(ctx, EmailKey(su.Email), owner)
	}
	err = s.store.SaveSignUp(ctx, su, letter)
	if errors.Is(err, ErrEmailTaken) && s.hideAccounts { // since it was looked up
		return nil
	}
	if err != nil {
		return fmt.Errorf("save sign-up: %w", err)
	}
	s.postman.Wake()
	return nil
}

// Resend sends a new code for the newest attempt of an address; the old one is dead.
// The error is ErrNoUser or ErrAlreadyVerified; with Config.HideAccounts it is neither, and
// the owner of an account hears of it.
func (s *Service) Resend(ctx context.Context, email string, source Source) error {
	key, err := lookupKey(email)
	if err != nil {
		return s.cantResend(ctx, EmailKey(email), Account{}, err)
	}
	account, err := s.store.Account(ctx, key)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return fmt.Errorf("look up account: %w", err)
	}
	su, err := s.store.PendingSignUp(ctx, key)
	if account.Verified {
		err = ErrAlreadyVerified
	}
	if err != nil {
		return s.cantResend(ctx, key, account, err)
	}
	letter, err := s.issueCode(&su, source)
	if err != nil {
		return err
	}
	if err := s.store.RenewCode(ctx, su.ID, su.Code, letter); err != nil {
		return s.cantResend(ctx, key, account, err)
	}
	s.postman.Wake()
	return nil
}

// cantResend is what becomes of an address that gets no code.
func (s *Service) cantResend(ctx context.Context, key string, a Account, err error) error {
	ours := errors.Is(err, ErrNoUser) || errors.Is(err, ErrAlreadyVerified)
	if s.hideAccounts && ours {
		return s.answerQuietly(ctx, key, a)
	}
	return fmt.Errorf("resend code: %w", err)
}

// issueCode gives su a fresh code and writes the letter that brings it.
func (s *Service) issueCode(su *SignUp, source Source) (Letter, error) {
	code, kept, err := s.codes.issue(su.ID, source, s.now())
	if err != nil {
		return Letter{}, err
	}
	su.Code = kept
	var letter Letter
	if source == FromApp {
		letter, err = s.letters.VerifyCode(su.Email, su.Name, code)
	} else {
		letter, err = s.letters.VerifyLink(su.Email, su.Name, s.link("verify", su.Email, code))
	}
	if err != nil {
		return Letter{}, fmt.Errorf("write letter: %w", err)
	}
	return letter, nil
}

// link is where a mail leads to.
func (s *Service) link(path, email, code string) string {
	u := s.publicURL.JoinPath(path)
	u.RawQuery = url.Values{"email": {email}, "token": {code}}.Encode()
	return u.String()
}

// Verified is the outcome of a code that was right.
type Verified struct {
	User User // as they applied, without times
	// Tokens are of a new session; empty if the link had been used before, because a
	// link that lies in a mailbox must not sign in twice.
	Tokens Pair
	Again  bool
}

// Verify redeems a code, once, and starts the account and its first session. A link
// that is opened again while it would still live is recognised, and grants nothing.
// The error is ErrBadCode for anything else; the fifth wrong code kills the right one.
func (s *Service) Verify(ctx context.Context, email, code string) (Verified, error) {
	key, err := lookupKey(email)
	if err != nil {
		return Verified{}, ErrBadCode
	}
	session := s.pairSession("")
	su, verdict, err := s.store.Redeem(ctx, key, session, func(su SignUp) Verdict {
		return s.judge(su, code)
	})
	if errors.Is(err, ErrNoUser) || errors.Is(err, ErrEmailTaken) {
		return Verified{}, ErrBadCode
	}
	if err != nil {
		return Verified{}, fmt.Errorf("redeem code: %w", err)
	}
	v := Verified{User: User{ID: su.ID, Name: su.Name, Email: su.Email}}
	switch verdict {
	case Granted:
		session.User = su.ID
		v.Tokens, err = s.tokens.pair(session)
		return v, err
	case Seen:
		v.Again = true
		return v, nil
	default:
		return Verified{}, ErrBadCode
	}
}

func (s *Service) judge(su SignUp, code string) Verdict {
	verdict := s.codes.judge(su.ID, su.Code, code, s.now())
	if verdict != Granted || su.UsedAt.IsZero() {
		return verdict
	}
	if su.Code.Source == FromApp {
		return Refused
	}
	return Seen
}

func (s *Service) pairSession(user UserID) Session {
	id, now := NewSessionID(), s.now()
	ends := now.Add(s.tokens.sessionMax)
	first := s.tokens.newRefresh(id, 1, now, ends)
	return Session{ID: id, Kind: PairSession, User: user, ExpiresAt: first.ExpiresAt, EndsAt: ends, Refresh: first}
}
