package main

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"expresschat/auth"
	"expresschat/media"
	"expresschat/server"
)

// environment is the settings as they are written. README.md explains each.
type environment struct {
	Addr           string   `env:"CHAT_ADDR"            envDefault:"127.0.0.1:8080"`
	PublicURL      string   `env:"CHAT_PUBLIC_URL"`
	DatabaseURL    string   `env:"CHAT_DATABASE_URL"`
	DataDir        string   `env:"CHAT_DATA_DIR"        envDefault:"./data"`
	SMTPURL        string   `env:"CHAT_SMTP_URL"`
	MailFrom       string   `env:"CHAT_MAIL_FROM"       envDefault:"ExpressChat <no-reply@localhost>"`
	AccessSecret   string   `env:"CHAT_ACCESS_SECRET"`
	RefreshSecret  string   `env:"CHAT_REFRESH_SECRET"`
	AccessTTL      string   `env:"CHAT_ACCESS_TTL"      envDefault:"15m"`
	RefreshTTL     string   `env:"CHAT_REFRESH_TTL"     envDefault:"720h"`
	SessionMax     string   `env:"CHAT_SESSION_MAX"`
	AllowedOrigins []string `env:"CHAT_ALLOWED_ORIGINS"`
	TrustedProxies []string `env:"CHAT_TRUSTED_PROXIES" envDefault:"127.0.0.0/8,::1/128"`
	GroupLimit     string   `env:"CHAT_GROUP_LIMIT"     envDefault:"512"`
	MediaURL       string   `env:"CHAT_MEDIA_URL"`
	MediaLimit     string   `env:"CHAT_MEDIA_LIMIT"     envDefault:"50MiB"`
	MediaQuota     string   `env:"CHAT_MEDIA_QUOTA"     envDefault:"2GiB"`
	Limits         string   `env:"CHAT_LIMITS"          envDefault:"on"`
	HideAccounts   string   `env:"CHAT_HIDE_ACCOUNTS"   envDefault:"false"`
	SocketIO       string   `env:"CHAT_SOCKETIO"        envDefault:"own"`
	Lanes          string   `env:"CHAT_LANES"`
	VChatSignup    string   `env:"CHAT_VCHAT_SIGNUP"`
	EscapeHTML     string   `env:"CHAT_ESCAPE_HTML"     envDefault:"false"`
	PlainClients   []string `env:"CHAT_PLAIN_CLIENTS"`
}

// What CHAT_SOCKETIO may be.
const (
	ownEngine     = "own"
	libraryEngine = "zishang520"
)

// config is the settings once they make sense.
type config struct {
	environment
	publicURL  *url.URL // nil: from the address, once it is known
	accessTTL  time.Duration
	refreshTTL time.Duration
	sessionMax time.Duration
	groupLimit int
	mediaLimit media.Limits
	mediaQuota int64 // bytes, 0 for none
	limits     bool
	lanes      int
	admission  auth.Admission

	hideAccounts bool
	escapeHTML   bool
}

// wrong is the error of a setting: which it is, and what would do. It never shows the
// value, which may be a secret.
func wrong(name, want string) error {
	return fmt.Errorf("%s makes no sense: want %s", name, want)
}

// readConfig checks every setting, so that a server that starts has only good ones.
func readConfig(environ []string) (config, error) {
	var c config
	vars := env.ToMap(environ)
	for name, value := range vars { // set but empty is not set
		if value == "" {
			delete(vars, name)
		}
	}
	if err := env.ParseWithOptions(&c.environment, env.Options{Environment: vars}); err != nil {
		return config{}, fmt.Errorf("read settings: %w", err)
	}
	for _, check := range []func() error{c.checkAddr, c.checkURL, c.checkSecrets, c.checkLifetimes, c.checkLimits, c.checkMedia, c.checkLanes, c.checkSignup, c.checkEscaping, c.checkRest} {
		if err := check(); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

func (c *config) checkAddr() error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return wrong("CHAT_ADDR", `an address to listen on, like "127.0.0.1:8080" or ":8080"`)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return wrong("CHAT_ADDR", "a port from 0 to 65535")
	}
	return nil
}

func (c *config) checkURL() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return wrong("CHAT_PUBLIC_URL", `where people reach the server, like "https://chat.example.org", without a path`)
	}
	u.Path = ""
	c.publicURL = u
	return nil
}

func (c *config) checkSecrets() error {
	access, refresh := splitSecrets(c.AccessSecret), splitSecrets(c.RefreshSecret)
	for name, list := range map[string][][]byte{"CHAT_ACCESS_SECRET": access, "CHAT_REFRESH_SECRET": refresh} {
		if !longEnough(list) {
			return wrong(name, fmt.Sprintf(`%d bytes or more, like the output of "openssl rand -base64 48", or several such with commas between them`, auth.MinSecret))
		}
	}
	if shareOne(access, refresh) {
		return wrong("CHAT_REFRESH_SECRET", "other secrets than CHAT_ACCESS_SECRET")
	}
	return nil
}

func (c *config) checkLifetimes() (err error) {
	for _, ttl := range []struct {
		name, value string
		into        *time.Duration
	}{
		{"CHAT_ACCESS_TTL", c.AccessTTL, &c.accessTTL},
		{"CHAT_REFRESH_TTL", c.RefreshTTL, &c.refreshTTL},
	} {
		if *ttl.into, err = time.ParseDuration(ttl.value); err != nil || *ttl.into < time.Second {
			return wrong(ttl.name, `a duration of a second or more, like "15m" or "720h"`)
		}
	}
	if c.refreshTTL < c.accessTTL {
		return wrong("CHAT_REFRESH_TTL", "a duration that is not shorter than CHAT_ACCESS_TTL")
	}
	return c.checkSessionMax()
}

// checkSessionMax does not let the default cut tokens short that were set to live for longer.
func (c *config) checkSessionMax() (err error) {
	c.sessionMax = max(auth.DefaultSessionMax, c.refreshTTL)
	if c.SessionMax == "" {
		return nil
	}
	if c.sessionMax, err = time.ParseDuration(c.SessionMax); err != nil || c.sessionMax < c.refreshTTL {
		return wrong("CHAT_SESSION_MAX", `a duration that is not shorter than CHAT_REFRESH_TTL, like "2160h"`)
	}
	return nil
}

// maxGroup bounds what a group may be set to: its members are named in one event.
const maxGroup = 10_000

func (c *config) checkLimits() error {
	n, err := strconv.Atoi(c.GroupLimit)
	if err != nil || n < 2 || n > maxGroup {
		return wrong("CHAT_GROUP_LIMIT", fmt.Sprintf("a number of people from 2 to %d", maxGroup))
	}
	c.groupLimit = n
	switch c.Limits {
	case "on":
		c.limits = true
	case "off":
		if !c.onLoopback() {
			return wrong("CHAT_LIMITS", `"on", because "off" is for load tests on a loopback address, and CHAT_ADDR is none`)
		}
	default:
		return wrong("CHAT_LIMITS", `"on" or "off"`)
	}
	return nil
}

// lanesPerCore is how many batches are on their way at once: while one waits for the
// disk, another one can be made.
const lanesPerCore = 2

// maxLanes bounds what lanes may be set to: each has a connection to the database.
const maxLanes = 64

func (c *config) checkLanes() (err error) {
	if c.Lanes == "" {
		c.lanes = min(lanesPerCore*runtime.GOMAXPROCS(0), maxLanes)
		return nil
	}
	if c.lanes, err = strconv.Atoi(c.Lanes); err != nil || c.lanes < 1 || c.lanes > maxLanes {
		return wrong("CHAT_LANES", fmt.Sprintf("a number from 1 to %d", maxLanes))
	}
	return nil
}

// checkSignup lets anybody in where only this machine can ask. Where others can, it is the
// operator's to say, because nobody answers for an id that nobody verified.
func (c *config) checkSignup() error {
	c.admission = auth.Admission(c.VChatSignup)
	switch c.admission {
	case auth.AdmitAnybody, auth.AdmitVerified, auth.AdmitNobody:
		return nil
	case "":
		c.admission = auth.AdmitNobody
		if c.onLoopback() {
			c.admission = auth.AdmitAnybody
		}
		return nil
	}
	return wrong("CHAT_VCHAT_SIGNUP", `"open", "verified" or "off"`)
}

// checkEscaping wants names of clients as they stand in auth.client, before a slash.
func (c *config) checkEscaping() error {
	switch c.EscapeHTML {
	case "true":
		c.escapeHTML = true
	case "false":
	default:
		return wrong("CHAT_ESCAPE_HTML", `"true" or "false"`)
	}
	for i, name := range c.PlainClients {
		name = strings.TrimSpace(name)
		if name == "" || strings.Contains(name, "/") {
			return wrong("CHAT_PLAIN_CLIENTS", `names without versions, like "my-app,another-app"`)
		}
		c.PlainClients[i] = name
	}
	return nil
}

func (c *config) checkRest() error {
	if c.HideAccounts != "true" && c.HideAccounts != "false" {
		return wrong("CHAT_HIDE_ACCOUNTS", `"true" or "false"`)
	}
	c.hideAccounts = c.HideAccounts == "true"
	if _, ok := server.ParseProxies(c.TrustedProxies); !ok {
		return wrong("CHAT_TRUSTED_PROXIES", `addresses or networks like "127.0.0.1,10.0.0.0/8", or "none"`)
	}
	if _, bad := server.ParseOrigins(c.AllowedOrigins); bad != "" {
		return wrong("CHAT_ALLOWED_ORIGINS", `origins like "https://app.example.org,http://localhost:3000"`)
	}
	if c.SocketIO != ownEngine && c.SocketIO != libraryEngine {
		return wrong("CHAT_SOCKETIO", `"own" or "zishang520"`)
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		return wrong("CHAT_MAIL_FROM", `an address like "ExpressChat <chat@example.org>"`)
	}
	return nil
}

func (c *config) onLoopback() bool {
	host, _, _ := net.SplitHostPort(c.Addr)
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// settle fills in what follows from the address that the server listens on.
func (c *config) settle(addr net.Addr) {
	if c.publicURL == nil {
		c.publicURL = &url.URL{Scheme: "http", Host: reachable(addr.String())}
	}
	// The server's own pages call it too, whatever else is allowed.
	set := len(c.AllowedOrigins) > 0
	c.AllowedOrigins = append(c.AllowedOrigins, c.publicURL.Scheme+"://"+c.publicURL.Host)
	host, port, _ := net.SplitHostPort(addr.String())
	if !set && c.PublicURL == "" && (c.onLoopback() || unspecified(host)) {
		for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
			c.AllowedOrigins = append(c.AllowedOrigins, "http://"+name+":"+port)
		}
	}
}

// reachable names an address in a way that a browser on this machine can open.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if unspecified(host) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// unspecified tells whether to listen on host is to listen on all interfaces, loopback
// among them.
func unspecified(host string) bool {
	ip := net.ParseIP(host)
	return ip == nil || ip.IsUnspecified()
}
