package fairshare

import "net/netip"

// Holder says on whose account something is held. Before the login only Connection
// and Address are known.
type Holder struct {
	// Connection is the id of the connection, unique in the process.
	Connection string
	// Tenant and User are those of the login. User need only be unique in its Tenant.
	Tenant, User string
	// Address is the network that counts as one client address. It counts before the
	// login alone: behind one address there may be many tenants.
	Address netip.Prefix
}

// key names a node among its siblings.
type key struct {
	name string
	addr netip.Prefix
}

// path returns the keys of the nodes from the root to the holder's leaf. A level that
// does not apply has the zero key, which has no limit of its own.
func (h Holder) path() [levels]key {
	if h.Tenant == "" && h.User == "" {
		return [levels]key{{addr: h.Address}, {}, {name: h.Connection}}
	}
	return [levels]key{{name: h.Tenant}, {name: h.User}, {name: h.Connection}}
}

// Levels returns the holders of which h is a part, and h: the tenant or, before a login, the
// address, then the user, then the connection. Each has the fields of its level and of those
// above.
func (h Holder) Levels() [levels]Holder {
	tenant := Holder{Tenant: h.Tenant}
	if h.Tenant == "" && h.User == "" {
		tenant.Address = h.Address
	}
	user := tenant
	user.User = h.User
	connection := user
	connection.Connection = h.Connection
	return [levels]Holder{tenant, user, connection}
}
