package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The sizes of a hash, in bytes, and its lanes; cost.go has what it costs.
const (
	hashLanes = 1
	hashSize  = 32
	saltSize  = 16
)

// Bounds of a stored hash. Less than minMemory (cost.go) and minTime is no protection, and
// more than the others could eat the machine: whoever can write to the database must not
// be able to have it computed.
const (
	minTime   = 1
	maxTime   = 10
	maxMemory = 256 << 10 // KiB
	maxLanes  = 4
	minSalt   = 8 // bytes, of the salt and of the key
	minKey    = 16
	maxPart   = 64
)

// ErrOddHash is the ErrWrongPassword of an account whose stored hash can't be used, whatever
// the password is: of another format, or beyond the bounds of its cost.
var ErrOddHash = fmt.Errorf("stored password hash has another format: %w", ErrWrongPassword)

var errHashFormat = errors.New("not a hash that is taken here")

// cost is what computing a hash takes.
type cost struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
}

var costToday = cost{hashMemory, hashTime, hashLanes}

// less compares the work for who guesses: memory, as often as it is filled.
func (c cost) less(than cost) bool {
	return uint64(c.memory)*uint64(c.time) < uint64(than.memory)*uint64(than.time)
}

func (c cost) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.memory, c.time, c.lanes)
}

// phc is a hash in parts, as the PHC string format has them.
type phc struct {
	cost
	salt, key []byte
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return h.cost.String() + b64.EncodeToString(h.salt) + "$" + b64.EncodeToString(h.key)
}

// decodeHash reads what String writes, of any cost within bounds. The error is errHashFormat.
func decodeHash(text string) (phc, error) {
	var h phc
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return phc{}, errHashFormat
	}
	params := strings.Split(parts[3], ",")
	if len(params) != 3 {
		return phc{}, errHashFormat
	}
	h.memory = parameter(params[0], "m=", minMemory, maxMemory)
	h.time = parameter(params[1], "t=", minTime, maxTime)
	h.lanes = uint8(parameter(params[2], "p=", 1, maxLanes))
	h.salt, h.key = decodePart(parts[4], minSalt), decodePart(parts[5], minKey)
	// What is no number, or out of bounds, came out as zero. There is one way to write the rest.
	if h.memory == 0 || h.time == 0 || h.lanes == 0 || h.salt == nil || h.key == nil || h.String() != text {
		return phc{}, errHashFormat
	}
	return h, nil
}

// parameter reads a number of a hash, 0 where it is out of bounds.
func parameter(text, name string, low, high uint64) uint32 {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, name), 10, 32)
	if err != nil || n < low || n > high {
		return 0
	}
	return uint32(n)
}

func decodePart(text string, least int) []byte {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(b) < least || len(b) > maxPart {
		return nil
	}
	return b
}
