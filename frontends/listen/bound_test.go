package listen_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/frontends/listen"
)

// Bound refuses options that change what an open port has, and names what they change.
func TestBound(t *testing.T) {
	now := listen.Options{Address: ":21"}
	if err := now.Bound(now); err != nil {
		t.Error(err)
	}
	next := now
	next.Address, next.Proxies, next.MaxLogins = ":22", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, 5
	var bound *listen.BoundError
	err := now.Bound(next, listen.Setting{Name: "passive", Now: 1, Next: 2}, listen.Setting{Name: "same", Now: 1, Next: 1})
	if want := []string{"listen", "proxy_protocol", "passive"}; !errors.As(err, &bound) || !slices.Equal(bound.Settings, want) {
		t.Errorf("%v, want %q", err, want)
	}
}
