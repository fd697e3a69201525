package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	forwardedFor = "X-Forwarded-For"
	// maxHops bounds how many proxies of one's own a request may have come through.
	maxHops = 16
)

// Proxies are those whose word on where a request comes from counts. The zero value
// trusts nobody.
type Proxies struct{ trusted []netip.Prefix }

// ParseProxies reads a list of addresses and networks like "127.0.0.1" or "10.0.0.0/8";
// "none" alone trusts nobody. The second result is whether all entries make sense.
func ParseProxies(list []string) (Proxies, bool) {
	if len(list) == 1 && strings.TrimSpace(list[0]) == "none" {
		return Proxies{}, true
	}
	var p Proxies
	for _, s := range list {
		s = strings.TrimSpace(s)
		if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			a = a.Unmap()
			p.trusted = append(p.trusted, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(s)
		if err != nil || network.Addr().Is4In6() {
			return Proxies{}, false
		}
		p.trusted = append(p.trusted, network.Masked())
	}
	return p, len(p.trusted) > 0
}

func (p Proxies) trust(a netip.Addr) bool {
	for _, network := range p.trusted {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// middleware makes RemoteAddr of a request that a trusted proxy passes on the address of
// its client, with port 0, because nobody knows that one. What is behind sees the client
// as if there were no proxy.
func (p Proxies) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if client, ok := p.client(r); ok && c.Path() != mailboxPath {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		return next(c)
	}
}

// client is the right-most address of X-Forwarded-For that is no trusted proxy's. Each
// proxy adds the address that it was asked from on the right, so that one is the last
// that somebody trusted has seen; what stands to the left of it, anybody may have made
// up. False where there is none, or the peer itself is not trusted.
func (p Proxies) client(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(plain(peer.Addr())) {
		return netip.Addr{}, false
	}
	lines := r.Header.Values(forwardedFor)
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			var entry string
			rest, entry, more = cutLast(rest)
			if entry == "" {
				continue
			}
			a, ok := forwardedAddr(entry)
			if hops++; !ok || hops > maxHops {
				return netip.Addr{}, false
			}
			if !p.trust(a) {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// cutLast cuts the last entry off a list that is separated by commas.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", strings.TrimSpace(list), false
	}
	return list[:i], strings.TrimSpace(list[i+1:]), true
}

// forwardedAddr reads an address as proxies write it: some add a port, and some put an
// IPv6 one into brackets.
func forwardedAddr(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return plain(a), true
	}
	a, err := netip.ParseAddrPort(s)
	return plain(a.Addr()), err == nil
}

// plain is an address as networks know it: an IPv4 one that came in by an IPv6 socket is
// one of IPv4, and the zone, which only says by which interface, is left out.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
