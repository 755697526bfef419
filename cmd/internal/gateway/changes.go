package gateway

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/session"
)

// Changes counts the differences between two configurations.
type Changes struct {
	Tenants, Users, Backends, Frontends, Events Count
	// Keys is the number of changed certificates and host keys.
	Keys int
	// Guessing is true when the block guessing has changed, Trace when others are traced,
	// LogLevel when the log has other lines.
	Guessing, Trace, LogLevel bool
	// Tracing is true when other traces are sent, or they are sent elsewhere.
	Tracing bool
	// AccessLogs counts access logs and audits.
	AccessLogs Count
	// AtStart names the changed blocks that are read only at the start.
	AtStart []string
}

// Count is the number of added, removed and changed elements of one kind.
type Count struct{ Added, Removed, Changed int }

// String returns the numbers for the log: "+1 -0 ~2".
func (c Count) String() string { return fmt.Sprintf("+%d -%d ~%d", c.Added, c.Removed, c.Changed) }

// String returns the differences, such as "users +1 -0 ~2, certificates and host keys 1",
// or "nothing".
func (c Changes) String() string {
	var parts []string
	for _, kind := range []struct {
		name  string
		count Count
	}{{"tenants", c.Tenants}, {"users", c.Users}, {"backends", c.Backends}, {"frontends", c.Frontends}, {"access logs", c.AccessLogs}, {"events", c.Events}} {
		if kind.count != (Count{}) {
			parts = append(parts, kind.name+" "+kind.count.String())
		}
	}
	if c.Keys > 0 {
		parts = append(parts, fmt.Sprintf("certificates and host keys %d", c.Keys))
	}
	if c.Guessing {
		parts = append(parts, "guessing")
	}
	if c.Trace {
		parts = append(parts, "trace")
	}
	if c.Tracing {
		parts = append(parts, "tracing")
	}
	if c.LogLevel {
		parts = append(parts, "log level")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// compare returns the differences between two configurations.
func compare(before, after *config.Config) Changes {
	c := Changes{
		Tenants: count(tenants(before), tenants(after), func(a, b *config.Tenant) bool {
			return reflect.DeepEqual(mounts(a), mounts(b)) && slices.Equal(a.Hosts, b.Hosts) && a.Limits == b.Limits && reflect.DeepEqual(a.Authority, b.Authority)
		}),
		Users:      count(users(before), users(after), reflect.DeepEqual),
		Backends:   count(bodies(before.Backends, backendBody), bodies(after.Backends, backendBody), config.Same),
		Frontends:  count(bodies(before.Frontends, frontendBody), bodies(after.Frontends, frontendBody), config.Same),
		Events:     count(receivers(before), receivers(after), sameEvent),
		Guessing:   before.Guessing != after.Guessing,
		AccessLogs: count(accessLogs(before), accessLogs(after), func(a, b accesslog.Options) bool { return a == b }),
		Trace:      !reflect.DeepEqual(before.Trace, after.Trace),
		Tracing:    !reflect.DeepEqual(before.Tracing, after.Tracing),
		LogLevel:   before.Log.Level != after.Log.Level,
	}
	for _, block := range []struct {
		name      string
		now, next any
	}{{"node", before.Node, after.Node}, {"start", before.Start, after.Start}, {"transfers", before.Transfers, after.Transfers}, {"log", before.Log.Format, after.Log.Format}} {
		if block.now != block.next {
			c.AtStart = append(c.AtStart, block.name)
		}
	}
	return c
}

// count compares the elements of one kind by their names.
func count[K comparable, V any](before, after map[K]V, same func(a, b V) bool) (c Count) {
	for name, b := range before {
		a, ok := after[name]
		switch {
		case !ok:
			c.Removed++
		case !same(b, a):
			c.Changed++
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			c.Added++
		}
	}
	return c
}

func accessLogs(c *config.Config) map[string]accesslog.Options {
	all := map[string]accesslog.Options{}
	for _, o := range c.AccessLogs {
		all[o.Name] = o
	}
	return all
}

func receivers(c *config.Config) map[string]*config.Event {
	all := map[string]*config.Event{}
	for _, e := range c.Events {
		all[eventName(e)] = e
	}
	return all
}

func tenants(c *config.Config) map[string]*config.Tenant {
	all := map[string]*config.Tenant{}
	for _, t := range c.Tenants {
		all[auth.Fold(t.Name)] = t
	}
	return all
}

// mount is a mount with the name of its backend instead of a pointer.
type mount struct {
	config.Mount
	backend string
}

// mounts returns the mounts of a tenant in a form that can be compared.
func mounts(t *config.Tenant) []mount {
	var all []mount
	for _, m := range t.Mounts {
		name := backendName(m.Backend)
		m.Backend = nil
		all = append(all, mount{m, name})
	}
	return all
}

// login has the credentials and the settings of a user.
type login struct {
	config.User
	authorities []auth.Key
	revoked     auth.Revoked
	networks    []netip.Prefix
}

func users(c *config.Config) map[session.User]any {
	all := map[session.User]any{}
	for _, t := range c.Tenants {
		for _, u := range t.Users {
			all[session.User{Tenant: auth.Fold(t.Name), Name: auth.Fold(u.Name)}] = login{u, t.Authorities, t.Revoked, t.Networks}
		}
	}
	return all
}

// bodies returns the bodies of blocks by their types and names.
func bodies[B any](blocks []*B, of func(*B) (name string, body config.Body)) map[string]config.Body {
	all := make(map[string]config.Body, len(blocks))
	for _, b := range blocks {
		name, body := of(b)
		all[name] = body
	}
	return all
}

func backendBody(b *config.Backend) (string, config.Body) { return backendName(b), b.Config }

func frontendBody(f *config.Frontend) (string, config.Body) { return frontendName(f), f.Config }
