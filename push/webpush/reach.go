package webpush

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// errReach is the error of an address that may not be asked.
var errReach = errors.New("not an address of a push service")

// reach tells which addresses may be asked.
type reach func(netip.Addr) bool

// control looks at each address once its name has been looked up, right before it is
// connected to: a name that leads elsewhere at a second look leads nowhere.
func (r reach) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !r(to.Addr()) {
		return fmt.Errorf("dial: %w", errReach)
	}
	return nil
}

func loopback(ip netip.Addr) bool { return ip.Unmap().IsLoopback() }

// notPublic are networks that nobody on the internet is in (IANA's special-purpose registries,
// RFC 6890), beside those that netip knows.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // carriers' own, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),    // protocols
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("64:ff9b:1::/48"),  // translation within a network, RFC 8215
	netip.MustParsePrefix("100::/64"),        // discarded
	netip.MustParsePrefix("2001::/23"),       // protocols, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("3fff::/20"),       // documentation
	netip.MustParsePrefix("5f00::/16"),       // segment routing
	netip.MustParsePrefix("fec0::/10"),       // site-local, once
}

// Networks whose addresses stand for an IPv4 address, and where in them that is.
var (
	nat64    = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	sixTo4   = netip.MustParsePrefix("2002::/16")    // RFC 3056
	embedded = netip.MustParsePrefix("::/96")        // RFC 4291, 2.5.5.1
)

// public tells whether an address is one on the internet, also the IPv4 address that it
// stands for.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	raw := ip.As16()
	switch {
	case !ip.IsValid() || ip.Zone() != "":
		return false
	case ip.Is4():
	case nat64.Contains(ip):
		return public(netip.AddrFrom4([4]byte(raw[12:16])))
	case sixTo4.Contains(ip):
		return public(netip.AddrFrom4([4]byte(raw[2:6])))
	case embedded.Contains(ip):
		return false
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, network := range notPublic {
		if network.Contains(ip) {
			return false
		}
	}
	return true
}
