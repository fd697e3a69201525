package limits_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"expresschat/server/limits"
)

// What may come from one network at once and a second, and be there without a name.
const (
	arrivalBurst, arrivalRate = 600, 50
	strangers                 = 1000
)

func from(address string) *http.Request { return &http.Request{RemoteAddr: address} }

// arrive has n connections come, and returns what settles those that may.
func arrive(a *limits.Arrivals, address string, n int) (settles []func()) {
	for range n {
		if settled, wait := a.Admit(from(address)); wait == 0 {
			settles = append(settles, settled)
		}
	}
	return settles
}

func settle(all []func()) {
	for _, settled := range all {
		settled()
	}
}

// An office that comes back after a restart gets in at once, a flood no faster than its rate.
// Who comes from elsewhere does not notice.
func TestArrivalsOfANetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := limits.NewArrivals(true)
		in := arrive(a, "[2001:db8::1]:1", arrivalBurst)
		if len(in) != arrivalBurst {
			t.Fatalf("%d of an office", len(in))
		}
		if settled, wait := a.Admit(from("[2001:db8::2]:1")); settled != nil || wait <= 0 || wait > time.Second {
			t.Errorf("one more of the same /64 has to wait for %v", wait)
		}
		for _, elsewhere := range []string{"[2001:db8:0:1::1]:1", "192.0.2.1:1"} {
			if len(arrive(a, elsewhere, 1)) != 1 {
				t.Errorf("%s is refused", elsewhere)
			}
		}
		settle(in)
		time.Sleep(time.Second)
		if n := len(arrive(a, "[2001:db8::3]:1", arrivalBurst)); n != arrivalRate {
			t.Errorf("%d a second later, want %d", n, arrivalRate)
		}
	})
}

// Strangers are bounded, rates or not; whoever has shown who they are, or has gone, is none.
func TestStrangersAreBounded(t *testing.T) {
	t.Parallel()
	a := limits.NewArrivals(false)
	in := arrive(a, "192.0.2.1:1", strangers+1)
	if len(in) != strangers {
		t.Errorf("%d are there", len(in))
	}
	if _, wait := a.Admit(from("192.0.2.1:2")); wait <= 0 {
		t.Error("one more may come")
	}
	settle(in[:10])
	if n := len(arrive(a, "192.0.2.1:1", 100)); n != 10 {
		t.Errorf("%d come for 10 that went", n)
	}
}

// The operator's own machine is not limited: where a proxy is on it, its clients have their
// own addresses.
func TestThisMachineMayComeAsItLikes(t *testing.T) {
	t.Parallel()
	a := limits.NewArrivals(true)
	for _, address := range []string{"127.0.0.1:1", "[::1]:1"} {
		for range 2 * strangers {
			if settled, wait := a.Admit(from(address)); settled != nil || wait != 0 {
				t.Fatalf("%s has to wait for %v", address, wait)
			}
		}
	}
}
