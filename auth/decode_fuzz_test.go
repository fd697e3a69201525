package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzedTokens reads tokens at a moment that stays.
func fuzzedTokens() tokens {
	ring := func(letter string) keyring {
		return newKeyring([][]byte{[]byte(strings.Repeat(letter, MinSecret)), []byte(strings.Repeat(letter+"2", MinSecret))})
	}
	return tokens{
		accessKeys: ring("a"), refreshKeys: ring("r"), longKeys: ring("l"), accessTTL: time.Minute, refreshTTL: time.Hour,
		now: func() time.Time { return time.Unix(1_800_000_000, 0) },
	}
}

// Whatever a token says of itself: who has none of our keys has no token that is taken, and
// one that is taken was signed for just that use.
func FuzzTokens(f *testing.F) {
	ts := fuzzedTokens()
	b64 := base64.RawURLEncoding.EncodeToString
	const body = `{"sub":"01890000-0000-7000-8000-000000000001","sid":"01890000-0000-7000-8000-000000000002","aud":["expresschat"],` +
		`"iat":1799999990,"exp":1800000050,"jti":"x","typ":"access"}`
	signed := func(k key, head, body string) string {
		text := b64([]byte(head)) + "." + b64([]byte(body))
		m := hmac.New(sha256.New, k.secret)
		m.Write([]byte(text))
		return text + "." + b64(m.Sum(nil))
	}
	own := ts.accessKeys.first()
	good := `{"alg":"HS256","typ":"JWT","kid":"` + own.id + `"}`
	f.Add(signed(own, good, body))
	for _, head := range []string{
		`{"alg":"none"}`, `{"alg":"None","kid":"` + own.id + `"}`, `{"alg":"HS512","kid":"` + own.id + `"}`, `{"alg":"RS256"}`, `{"alg":null}`,
		`{"alg":"HS256","kid":["` + own.id + `"]}`, `{"alg":"HS256","kid":"../../dev/null"}`, `{"alg":"HS256","crit":["exp"],"kid":""}`, `{}`, `[]`,
	} {
		f.Add(signed(own, head, body))
		f.Add(b64([]byte(head)) + "." + b64([]byte(body)) + ".")
	}
	for _, b := range []string{
		`{}`, `null`, strings.ReplaceAll(body, "1800000050", "1e999"), strings.ReplaceAll(body, "1800000050", "9223372036854775808"),
		strings.ReplaceAll(body, "1800000050", "-1"), strings.ReplaceAll(body, `"access"`, `"refresh"`), strings.ReplaceAll(body, `["expresschat"]`, `{}`),
		strings.ReplaceAll(body, `"exp"`, `"EXP"`), body[:len(body)-1] + `,"exp":1,"__proto__":{}}`,
	} {
		f.Add(signed(own, good, b))
	}
	f.Add(strings.Repeat(".", 9000))
	f.Add("\x00.\xff.\xed\xa0\xbd")
	f.Fuzz(func(t *testing.T, token string) {
		_, _, err := ts.readAccess(token)
		checkSigner(t, token, "access", err, ts.accessKeys)
		_, _, err = ts.readRefresh(token)
		checkSigner(t, token, "refresh", err, ts.refreshKeys)
		_, err = ts.readLong(token)
		checkSigner(t, token, "long", err, ts.longKeys)
	})
}

// checkSigner fails the test of a token that was taken and that none of the keys has made.
func checkSigner(t *testing.T, token, use string, err error, keys keyring) {
	t.Helper()
	if err != nil {
		return
	}
	cut := strings.LastIndexByte(token, '.')
	got, bad := base64.RawURLEncoding.DecodeString(token[cut+1:])
	if bad != nil || !slices.ContainsFunc(keys, func(k key) bool {
		m := hmac.New(sha256.New, k.secret)
		m.Write([]byte(token[:cut]))
		return hmac.Equal(m.Sum(nil), got)
	}) {
		t.Errorf("%q is taken as %s", token, use)
	}
}

// A stored hash is read, or refused, whatever it is: a dump may have been edited.
func FuzzHash(f *testing.F) {
	for _, text := range []string{
		"", "$", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2g", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
		"$argon2id$v=19$m=4294967295,t=4294967295,p=255$c2FsdA$aGFzaA", "$argon2id$v=19$m=0,t=0,p=0$c2FsdA$aGFzaA", "$argon2id$v=19$m=-1,t=1,p=1$c2FsdA$aGFzaA",
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA==$aGFzaA==", "$argon2id$v=19$m=1e9,t=2,p=1$\x00$\xff", "$2b$12$abcdefghijklmnopqrstuv", strings.Repeat("$", 9000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if lastError(decodeHash(text)) == nil && (!strings.HasPrefix(text, "$argon2id$v=19$m=") || strings.Count(text, "$") != 5) {
			t.Errorf("%q is read as a hash", text)
		}
	})
}

// lastError is the error among results, whatever the others are.
func lastError(results ...any) error {
	err, _ := results[len(results)-1].(error)
	return err
}

// What is taken as a name, an address or an id is clean: cleaning it again changes nothing.
func FuzzNames(f *testing.F) {
	for _, s := range []string{
		"", " Ana ", "a@b.example", "A <a@b.example>", "a@b\x00.example", "\"a b\"@b.example", "a@[127.0.0.1]", "a@b.example\r\nBcc: c@d.example",
		"\xff", "\u202eana", "\xed\xa0\xbd", "\u0130", "\u212a@b.example", "+49 170 1", "01890000-0000-7000-8000-000000000001",
		"{01890000-0000-7000-8000-000000000001}", "urn:uuid:01890000-0000-7000-8000-000000000001", "01890000000070008000000000000001",
		"01890000-0000-7000-8000-00000000000A", strings.Repeat("x", MaxEmail) + "@b.example", strings.Repeat("\u00e9", MaxName),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for rule, clean := range map[string]func(string) (string, error){"name": CleanName, "address": cleanEmail, "login": cleanLogin} {
			once, err := clean(s)
			if err != nil {
				continue
			}
			if twice, err := clean(once); err != nil || twice != once || !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\r\n") {
				t.Errorf("%s %q is cleaned to %q, and that to %q: %v", rule, s, once, twice, err)
			}
			if key := EmailKey(once); EmailKey(key) != key {
				t.Errorf("the key of %q is %q, and of that %q", once, key, EmailKey(key))
			}
			if rule == "login" && CheckID(EmailKey(once)) == nil {
				t.Errorf("the login %q reads as an id", once)
			}
		}
		if CheckID(s) == nil && (len(s) != 36 || strings.Trim(s, "0123456789abcdef-") != "") {
			t.Errorf("%q is taken as an id", s)
		}
	})
}
