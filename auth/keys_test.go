package auth_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"expresschat/auth"
)

// part decodes one of the JSON parts of a token.
func part(t *testing.T, token string, i int) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// forgery is a token that is made of another.
type forgery struct {
	method         jwt.SigningMethod // HS256 where nil
	key            any
	header, claims func(map[string]any)
}

func (f forgery) of(t *testing.T, token string) string {
	t.Helper()
	m := jwt.SigningMethod(jwt.SigningMethodHS256)
	if f.method != nil {
		m = f.method
	}
	claims := jwt.MapClaims(part(t, token, 1))
	if f.claims != nil {
		f.claims(claims)
	}
	forged := jwt.NewWithClaims(m, claims)
	maps.Copy(forged.Header, part(t, token, 0))
	forged.Header["alg"] = m.Alg()
	if f.header != nil {
		f.header(forged.Header)
	}
	signed, err := forged.SignedString(f.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func set(name string, value any) func(map[string]any) {
	return func(m map[string]any) { m[name] = value }
}

func without(name string) func(map[string]any) {
	return func(m map[string]any) { delete(m, name) }
}

// Each is an access token, shown without a refresh token that could make up for it.
func TestForgedAccessTokens(t *testing.T) {
	d := newDesk(t)
	p := d.member(ana)
	long := d.long(ana, password)
	key, other := testConfig.AccessSecret, []byte("another key of at least 32 bytes")
	now := d.clock()
	kid := part(t, p.Access, 0)["kid"].(string)
	longKid := part(t, long, 0)["kid"]
	genuine := map[string]forgery{
		"signed by us":                 {key: key},
		"signed before keys had names": {key: key, header: without("kid")},
		"good for another second":      {key: key, claims: set("exp", now.Unix()+1)},
		"signed by a clock ahead":      {key: key, claims: set("iat", now.Unix()+30)},
	}
	forged := map[string]forgery{
		"alg none":                      {method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType},
		"alg none, no kid":              {method: jwt.SigningMethodNone, key: jwt.UnsafeAllowNoneSignatureType, header: without("kid")},
		"alg None":                      {key: key, header: set("alg", "None")},
		"alg hs256":                     {key: key, header: set("alg", "hs256")},
		"HS384":                         {method: jwt.SigningMethodHS384, key: key},
		"HS512":                         {method: jwt.SigningMethodHS512, key: key},
		"another key":                   {key: other},
		"another key, no kid":           {key: other, header: without("kid")},
		"the refresh tokens' key":       {key: testConfig.RefreshSecret},
		"their key and kid":             {key: testConfig.RefreshSecret, header: set("kid", part(t, p.Refresh, 0)["kid"])},
		"the long tokens' kid":          {key: key, header: set("kid", longKid)},
		"an unknown kid":                {key: key, header: set("kid", strings.Repeat("0", len(kid)))},
		"an empty kid":                  {key: key, header: set("kid", "")},
		"no text for a kid":             {key: key, header: set("kid", 1)},
		"null for a kid":                {key: key, header: set("kid", nil)},
		"a list of kids":                {key: key, header: set("kid", []string{kid})},
		"a kid in capitals":             {key: key, header: set("kid", strings.ToUpper(kid)+" ")},
		"a path for a kid":              {key: []byte{}, header: set("kid", "../../dev/null")},
		"typ refresh":                   {key: key, claims: set("typ", "refresh")},
		"typ long":                      {key: key, claims: set("typ", "long")},
		"typ in capitals":               {key: key, claims: set("typ", "Access")},
		"no typ":                        {key: key, claims: without("typ")},
		"another audience":              {key: key, claims: set("aud", "other")},
		"two audiences":                 {key: key, claims: set("aud", []string{"expresschat", "other"})},
		"our audience twice":            {key: key, claims: set("aud", []string{"expresschat", "expresschat"})},
		"no audience":                   {key: key, claims: without("aud")},
		"expired by a second":           {key: key, claims: set("exp", now.Unix()-1)},
		"expired now":                   {key: key, claims: set("exp", now.Unix())},
		"no exp":                        {key: key, claims: without("exp")},
		"text for exp":                  {key: key, claims: set("exp", "never")},
		"not yet issued":                {key: key, claims: set("iat", now.Add(2*time.Minute).Unix())},
		"no iat":                        {key: key, claims: without("iat")},
		"not valid yet":                 {key: key, claims: set("nbf", now.Add(time.Hour).Unix())},
		"no session":                    {key: key, claims: without("sid")},
		"an unknown session":            {key: key, claims: set("sid", auth.NewID())},
		"somebody else":                 {key: key, claims: set("sub", auth.NewID())},
		"nobody":                        {key: key, claims: without("sub")},
		"a long session":                {key: key, claims: set("sid", part(t, long, 1)["sid"])},
		"expired, for another audience": {key: key, claims: func(m map[string]any) { m["aud"], m["exp"] = "other", now.Unix()-1 }},
	}
	expired := func(m map[string]any) { m["exp"] = now.Unix() - 1 }
	stale := forgery{key: other, claims: expired}.of(t, p.Access)
	d.check("expired, by another key, with a good refresh token", auth.Pair{Access: stale, Refresh: p.Refresh}, auth.ErrUnauthenticated)
	claims := part(t, p.Access, 1)
	for _, name := range []string{"sub", "sid", "jti", "aud", "iat", "exp", "typ"} {
		if claims[name] == nil {
			t.Errorf("a token has no %s", name)
		}
	}
	if len(claims) != 7 {
		t.Errorf("a token says more than it has to: %v", claims)
	}
	for name, f := range genuine {
		d.check(name, auth.Pair{Access: f.of(t, p.Access)}, nil)
	}
	for name, f := range forged {
		d.check(name, auth.Pair{Access: f.of(t, p.Access)}, auth.ErrUnauthenticated)
	}
	for name, token := range map[string]string{"a refresh token": p.Refresh, "a long token": long} {
		d.check(name+" as an access token", auth.Pair{Access: token, Refresh: p.Refresh}, auth.ErrUnauthenticated)
	}
	if renewed, err := d.Renew(t.Context(), auth.Pair{Access: p.Access, Refresh: p.Access}); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("an access token as a refresh token: %+v, %v", renewed, err)
	}
}

// rotated is a service on d's database that signs with new keys.
func (d *desk) rotated(c auth.Config) *desk {
	d.Helper()
	c.Now = d.clock
	out := &desk{T: d.T, store: d.store, now: d.clock(), codes: d.codes}
	var err error
	if out.Service, err = auth.New(c, d.store, out, out, out); err != nil {
		d.Fatal(err)
	}
	return out
}

// rotation is settings with new secrets, and the earlier ones behind them.
func rotation(c auth.Config) auth.Config {
	c.OldAccessSecrets, c.OldRefreshSecrets = [][]byte{c.AccessSecret}, [][]byte{c.RefreshSecret}
	c.AccessSecret, c.RefreshSecret = []byte(strings.Repeat("b", 32)), []byte(strings.Repeat("s", 32))
	return c
}

func TestKeysRotate(t *testing.T) {
	d := newDesk(t)
	p, long := d.member(ana), d.long(ana, password)
	d.apply("ben@example.org", auth.FromApp)

	both := d.rotated(rotation(testConfig))
	both.check("an access token of the key before", auth.Pair{Access: p.Access}, nil)
	both.checkLong("a long token of the key before", long, nil)
	if _, err := both.Verify(t.Context(), "ben@example.org", d.code("ben@example.org")); err != nil {
		t.Errorf("a code of the key before: %v", err)
	}
	renewed, err := both.Renew(t.Context(), p)
	if err != nil {
		t.Fatalf("a refresh token of the key before: %v", err)
	}
	if a, b := part(t, p.Refresh, 0)["kid"], part(t, renewed.Refresh, 0)["kid"]; a == b {
		t.Errorf("a new token is signed by %v, as the old one", b)
	}
	_, fresh, err := both.SignIn(t.Context(), ana, password)
	if err != nil {
		t.Fatal(err)
	}

	c := rotation(testConfig)
	c.OldAccessSecrets, c.OldRefreshSecrets = nil, nil
	next := both.rotated(c)
	next.check("what the new key signed", auth.Pair{Access: fresh.Access}, nil)
	next.check("what the old key signed", auth.Pair{Access: p.Access}, auth.ErrUnauthenticated)
	next.checkLong("what the old key signed for long", long, auth.ErrUnauthenticated)
	d.check("what the new key signed, to who knows the old one only", auth.Pair{Access: fresh.Access}, auth.ErrUnauthenticated)
}

// The name of a key tells nothing that could be used for it.
func TestAKidIsNoPartOfItsKey(t *testing.T) {
	d := newDesk(t)
	p, long := d.member(ana), d.long(ana, password)
	seen := map[string]bool{}
	for _, token := range []string{p.Access, p.Refresh, long} {
		kid, _ := part(t, token, 0)["kid"].(string)
		raw, err := hex.DecodeString(kid)
		if err != nil || len(raw) != 8 || strings.Contains(string(testConfig.AccessSecret)+string(testConfig.RefreshSecret), string(raw)) {
			t.Errorf("the kid is %q: %v", kid, err)
		}
		seen[kid] = true
	}
	if len(seen) != 3 {
		t.Errorf("three kinds of tokens have the kids %v", seen)
	}
}

func TestOldSecretsHaveToBeLong(t *testing.T) {
	t.Parallel()
	c := testConfig
	c.OldRefreshSecrets = [][]byte{c.RefreshSecret[1:]}
	if _, err := auth.New(c, nil, nil, nil, nil); err == nil {
		t.Error("no error")
	}
}
