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
// ErrBadPassword or ErrEmailTaken where the applicant is at fault.
func (s *Service) SignUp(ctx context.Context, a Application) error {
	name, err := CleanName(a.Name)
	if err != nil {
		return err
	}
	email, err := cleanEmail(a.Email)
	if err != nil {
		return err
	}
	if err := checkPassword(a.Password); err != nil {
		return err
	}
	return s.keepSignUp(ctx, SignUp{ID: NewUserID(), Email: email, Name: name}, a.Password, a.Source)
}

// keepSignUp completes su, whose password and address are checked, and sends the code.
func (s *Service) keepSignUp(ctx context.Context, su SignUp, password string, source Source) (err error) {
	if su.PasswordHash, err = s.hasher.hash(ctx, password); err != nil {
		return err
	}
	letter, err := s.issueCode(&su, source)
	if err != nil {
		return err
	}
	if err := s.store.SaveSignUp(ctx, su, letter); err != nil {
		return fmt.Errorf("save sign-up: %w", err)
	}
	s.postman.Wake()
	return nil
}

// Resend sends a new code for the newest attempt of an address; the old one is dead.
// The error is ErrNoUser or ErrAlreadyVerified.
func (s *Service) Resend(ctx context.Context, email string, source Source) error {
	key, err := lookupKey(email)
	if err != nil {
		return err
	}
	account, err := s.store.Account(ctx, key)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return fmt.Errorf("look up account: %w", err)
	}
	if account.Verified {
		return ErrAlreadyVerified
	}
	su, err := s.store.PendingSignUp(ctx, key)
	if err != nil {
		return fmt.Errorf("look up sign-up: %w", err)
	}
	letter, err := s.issueCode(&su, source)
	if err != nil {
		return err
	}
	if err := s.store.RenewCode(ctx, su.ID, su.Code, letter); err != nil {
		return fmt.Errorf("renew code: %w", err)
	}
	s.postman.Wake()
	return nil
}

// issueCode gives su a fresh code and writes the letter that brings it.
func (s *Service) issueCode(su *SignUp, source Source) (Letter, error) {
	code, err := newCode(source)
	if err != nil {
		return Letter{}, err
	}
	su.Code = CodeState{
		Source:    source,
		Hash:      s.codes.hash(su.ID, code),
		ExpiresAt: s.now().Add(CodeTTL),
	}
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

// SignIn checks a password and starts a session. The error is ErrNoUser,
// ErrWrongPassword, or ErrNotVerified if the password is right but the address is not
// verified yet.
func (s *Service) SignIn(ctx context.Context, email, password string) (User, Pair, error) {
	key, err := lookupKey(email)
	if err != nil {
		return User{}, Pair{}, err
	}
	account, err := s.store.Account(ctx, key)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return User{}, Pair{}, fmt.Errorf("look up account: %w", err)
	}
	if !account.Verified {
		return User{}, Pair{}, s.refuseUnverified(ctx, key, account.PasswordHash, password)
	}
	if err := s.checkAccount(ctx, account, password); err != nil {
		return User{}, Pair{}, err
	}
	session := s.pairSession(account.ID)
	if err := s.store.StartSession(ctx, session, account.PasswordHash); err != nil {
		return User{}, Pair{}, fmt.Errorf("start session: %w", err)
	}
	pair, err := s.tokens.pair(session)
	return account.User, pair, err
}

func (s *Service) pairSession(user UserID) Session {
	id, now := NewSessionID(), s.now()
	ends := now.Add(s.tokens.sessionMax)
	first := s.tokens.newRefresh(id, 1, now, ends)
	return Session{ID: id, Kind: PairSession, User: user, ExpiresAt: first.ExpiresAt, EndsAt: ends, Refresh: first}
}

// checkAccount returns ErrWrongPassword unless password is the account's.
func (s *Service) checkAccount(ctx context.Context, a Account, password string) error {
	ok, err := s.hasher.matches(ctx, a.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return ErrWrongPassword
	}
	return nil
}

// refuseUnverified answers for an address that nobody has verified, where hash is of the
// account that has it nevertheless, empty if there is none. It always fails, after the
// same one hash computation.
//
// If there is an attempt to sign up too, its password counts, the newest one's: what
// follows ErrNotVerified is a code for that attempt, and the account beside it may be
// somebody else's.
func (s *Service) refuseUnverified(ctx context.Context, key, hash, password string) error {
	su, err := s.store.PendingSignUp(ctx, key)
	switch {
	case err == nil:
		// Empty if it was verified since the account was looked for.
		hash = su.PasswordHash
	case !errors.Is(err, ErrNoUser):
		return fmt.Errorf("look up sign-up: %w", err)
	}
	outcome := ErrWrongPassword
	if hash == "" {
		hash, outcome = s.hasher.decoy, ErrNoUser
	}
	ok, err := s.hasher.matches(ctx, hash, password)
	if err != nil {
		return err
	}
	if ok && outcome == ErrWrongPassword {
		return ErrNotVerified
	}
	return outcome
}
