// Package world is who and what there is in the databases that are measured: people,
// sessions, chats and their history, numbered so that everybody knows them without
// asking. It is written by SQL, because signing thousands up would take longer than all
// that is measured.
package world

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The people, by number.
const (
	// Pairs of people talk to each other, one pair after another from 0 on.
	Pairs = 100
	// Speaker sends to a group of which those after it, Listeners of them, are members.
	Speaker   = 2 * Pairs
	Listeners = 500
	// Reader has two personal chats with a history.
	Reader = Speaker + 1 + Listeners
	// Hub is in very many chats.
	Hub = Reader + 3
	// Crowd is the first of many who only are there.
	Crowd = Hub + 1
)

// The rooms, by number: first those of the pairs, as they are numbered.
const (
	hall      = Pairs    // the Speaker's group
	shortRoom = hall + 1 // the Reader's chats
	longRoom  = hall + 2
	hubRooms  = hall + 3  // the first of the Hub's
	fillRooms = 1_000_000 // the first of those that only have a history
)

// Size is how much of it there is.
type Size struct {
	Crowd     int
	HubChats  int // four fifths of them personal, with people of the crowd
	ShortChat int // messages of the Reader's one chat
	LongChat  int // and of the other
	Stored    int // messages of the large database, those of both chats among them
	PerChat   int // messages of each other chat in it
}

// id is the text of a UUID that sorts before all that the server makes.
func id(kind, n int) string { return fmt.Sprintf("01900000-0000-7000-8%03x-%012x", kind, n) }

// The kinds of ids.
const (
	userKind = iota + 1
	sessionKind
	roomKind
	messageKind
	longKind // of sessions
)

// User is the id of the n-th user, which is also that of their self chat.
func User(n int) string { return id(userKind, n) }

// Name is what the n-th user is called.
func Name(n int) string { return fmt.Sprintf("User %06d", n) }

func room(n int) string { return id(roomKind, n) }

// PairChat is the id of the chat of the n-th pair, users 2n and 2n+1.
func PairChat(n int) string { return room(n) }

// Hall is the id of the Speaker's group.
func Hall() string { return room(hall) }

// ShortChat is the id of the Reader's chat with the short history.
func ShortChat() string { return room(shortRoom) }

// LongChat is the id of the one with the long history.
func LongChat() string { return room(longRoom) }

// Keys sign the tokens.
type Keys struct{ Access, Refresh string }

// day is how long a pair of tokens is good.
const day = 24 * time.Hour

// Tokens is what the n-th user shows in the handshake of our server, as JSON: a pair that
// is good for a day.
func (k Keys) Tokens(n int) (string, error) {
	access, err := sign([]byte(k.Access), claims(n, sessionKind, "access", day))
	if err != nil {
		return "", err
	}
	refresh, err := sign([]byte(k.Refresh), claims(n, sessionKind, "refresh", day))
	if err != nil {
		return "", err
	}
	return text(map[string]any{"accessToken": access, "refreshToken": refresh})
}

// Long is the token that a VChat app of the n-th user has: the Speaker's or a listener's.
func (k Keys) Long(n int) (string, error) {
	key := hmac.New(sha256.New, []byte(k.Refresh))
	key.Write([]byte("long sessions"))
	return sign(key.Sum(nil), claims(n, longKind, "long", 0))
}

// claims are those of a token of a session, for so long, or for ever if that is 0. What
// they and the keys mean stands in package auth.
func claims(n, kind int, typ string, ttl time.Duration) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{
		"jti": id(kind, n), "sub": User(n), "aud": []string{"expresschat"}, "sid": id(kind, n), "typ": typ, "iat": now.Unix(),
	}
	if ttl > 0 {
		c["exp"] = now.Add(ttl).Unix()
	}
	return c
}

func sign(key []byte, c jwt.MapClaims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(key)
}

// Word is what the n-th user shows to a server that believes everybody, as JSON.
func Word(n int) (string, error) {
	chats := []string{}
	switch {
	case n < 2*Pairs:
		chats = append(chats, PairChat(n/2))
	case n >= Speaker && n <= Speaker+Listeners:
		chats = append(chats, room(hall))
	}
	return text(map[string]any{"user": User(n), "name": Name(n), "chats": chats})
}

func text(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
