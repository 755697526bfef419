package sftp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/auth"
)

// Config is the body of a block `frontend "sftp" "NAME" {}`.
type Config struct {
	// Listen is the address of the port: "0.0.0.0:22".
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	// HostKeyFiles are private keys as ssh-keygen writes them, one of each type: Ed25519, ECDSA,
	// or RSA of 3072 bits. All nodes need the same keys.
	HostKeyFiles []string  `hcl:"host_key_files"`
	HostKeyRange hcl.Range `hcl:"host_key_files,attr_value_range"`
	// Legacy adds SHA-1 for old clients: ssh-rsa signatures, hmac-sha1 and
	// diffie-hellman-group14-sha1.
	Legacy      bool      `hcl:"legacy,optional"`
	LegacyRange hcl.Range `hcl:"legacy,attr_value_range"`
	// IdleTimeout ends a connection whose client sends nothing and waits for no
	// answer, and one whose client does not read.
	IdleTimeout string    `hcl:"idle_timeout,optional"`
	IdleRange   hcl.Range `hcl:"idle_timeout,attr_value_range"`
	// LoginTimeout ends a connection that has not logged in.
	LoginTimeout string    `hcl:"login_timeout,optional"`
	LoginRange   hcl.Range `hcl:"login_timeout,attr_value_range"`
	// MaxLoginTries is how many keys and passwords a connection may try.
	MaxLoginTries int       `hcl:"max_login_tries,optional"`
	TriesRange    hcl.Range `hcl:"max_login_tries,attr_value_range"`
	// MaxLogins is how many connections that have not logged in may be open at once. At this
	// limit, a new connection takes the place of one of the address that has the most, first of
	// one that has sent nothing. If no connection can be replaced, the new one is closed.
	MaxLogins   int       `hcl:"max_logins,optional"`
	LoginsRange hcl.Range `hcl:"max_logins,attr_value_range"`
	// MaxUnauthenticatedPerAddress is how many connections of one client address, or of one /64
	// network of IPv6, that have not logged in may be open at once; further ones are refused. By
	// default one address may have all places of MaxLogins that others do not need.
	MaxUnauthenticatedPerAddress int       `hcl:"max_unauthenticated_per_address,optional"`
	UnauthenticatedRange         hcl.Range `hcl:"max_unauthenticated_per_address,attr_value_range"`
	// MaxSessions bounds the connections at once, logged in or not; further ones
	// are closed at once. By default there is no bound.
	MaxSessions      int       `hcl:"max_sessions,optional"`
	MaxSessionsRange hcl.Range `hcl:"max_sessions,attr_value_range"`
	// MaxSessionsPerAddress bounds the connections of one client address, or of one /64 network
	// of IPv6. By default there is no bound.
	MaxSessionsPerAddress int       `hcl:"max_sessions_per_address,optional"`
	PerAddressRange       hcl.Range `hcl:"max_sessions_per_address,attr_value_range"`
	// NoOldClients says that no client is as old as JSch 0.1.x (Java) or phpseclib 1 and 2 (PHP).
	// Then there is no warning if these programs support none of the host keys.
	NoOldClients bool `hcl:"no_old_clients,optional"`
	// Attributes says what happens when a client sets modes or owners, which no store keeps: with
	// "ignore" the request succeeds, with "refuse" it fails.
	Attributes      string    `hcl:"attributes,optional"`
	AttributesRange hcl.Range `hcl:"attributes,attr_value_range"`
	// ProxyProtocol lists the networks of the peers that must speak PROXY, v1
	// or v2. Other peers must not.
	ProxyProtocol []string  `hcl:"proxy_protocol,optional"`
	ProxyRange    hcl.Range `hcl:"proxy_protocol,attr_value_range"`
	// Tenants are the tenants whose users may log in here: `["contoso"]`. If several of them have
	// a user of the same name, the client must send the tenant too: TENANT/USER. Default: all
	// tenants.
	Tenants      []string  `hcl:"tenants,optional"`
	TenantsRange hcl.Range `hcl:"tenants,attr_value_range"`

	idle, login time.Duration
	proxies     []netip.Prefix
}

// Type returns the block type of this frontend.
func Type() config.Type {
	return frontends.TypeOf("sftp", func() Config {
		return Config{IdleTimeout: "5m", LoginTimeout: "1m", MaxLoginTries: 6, MaxLogins: 100, Attributes: "ignore"}
	})
}

// Validate reports every problem of the block. It reads the host keys that exist. A missing host
// key is a warning, because the machine that will serve may have it.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	diags = append(diags, config.CheckListen(c.Listen, c.ListenRange, "0.0.0.0:22")...)
	if len(c.HostKeyFiles) == 0 {
		diags = append(diags, config.Problem(c.HostKeyRange, "No host key",
			`Write a file that ssh-keygen made: host_key_files = ["/etc/tidegate/ssh_host_ed25519_key"]`))
	}
	for _, file := range c.HostKeyFiles {
		diags = append(diags, config.CheckPrivate(file, c.HostKeyRange)...)
	}
	if keys, err := c.hostKeys(); err == nil {
		diags = append(diags, c.leftOut(keys)...)
	} else if errors.Is(err, fs.ErrNotExist) {
		diags = append(diags, config.Unreadable(c.HostKeyRange, err))
	} else {
		diags = append(diags, config.Problem(c.HostKeyRange, "Host key cannot be used",
			fmt.Sprintf("%v. Make one with: ssh-keygen -t ed25519 -N '' -f FILE", err)))
	}
	if c.Legacy {
		diags = append(diags, config.Warning(c.LegacyRange, "SHA-1 is offered",
			"Keys, signatures and packets may rest on SHA-1, which is broken. Give old clients a frontend of their own, on a port that others do not use."))
	}
	var more hcl.Diagnostics
	c.idle, more = config.ParseDuration(c.IdleTimeout, c.IdleRange)
	diags = append(diags, more...)
	c.login, more = config.ParseDuration(c.LoginTimeout, c.LoginRange)
	diags = append(diags, more...)
	if c.MaxLoginTries < 1 {
		diags = append(diags, config.Problem(c.TriesRange, "Invalid number", "Write a number from 1 on, such as 6."))
	}
	diags = append(diags, config.OneOf("attributes", c.Attributes, c.AttributesRange, "ignore", "refuse")...)
	if c.MaxLogins < 1 {
		diags = append(diags, config.Problem(c.LoginsRange, "Invalid number", "Write a number from 1 on, such as 100."))
	}
	diags = append(diags, config.CheckBound(c.MaxSessions, c.MaxSessionsRange)...)
	diags = append(diags, config.CheckBound(c.MaxUnauthenticatedPerAddress, c.UnauthenticatedRange)...)
	diags = append(diags, config.CheckBound(c.MaxSessionsPerAddress, c.PerAddressRange)...)
	c.proxies, more = config.ParseNetworks(c.ProxyProtocol, c.ProxyRange)
	return append(diags, more...)
}

// leftOut warns of well-known clients that support none of the host keys. docs/sftp.md says
// which host key each client needs.
func (c *Config) leftOut(keys []ssh.Signer) hcl.Diagnostics {
	var ecdsaKey, rsaKey bool
	for _, key := range keys {
		switch key.PublicKey().Type() {
		case ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
			ecdsaKey = true
		case ssh.KeyAlgoRSA:
			rsaKey = true
		}
	}
	var clients, remedies []string
	if !ecdsaKey && !(rsaKey && c.Legacy) {
		clients = append(clients, "JSch 0.1.x (Java)")
		remedies = append(remedies, "ssh-keygen -t ecdsa -N '' -f FILE")
	}
	if !rsaKey {
		clients = append(clients, "phpseclib 1 and 2 (PHP)")
		remedies = append(remedies, "ssh-keygen -t rsa -b 3072 -N '' -f FILE")
	}
	if len(keys) == 0 || len(clients) == 0 || c.NoOldClients {
		return nil
	}
	return hcl.Diagnostics{config.Warning(c.HostKeyRange, "Clients are left out by the host keys",
		fmt.Sprintf("%s know no host key of these types. Make one more and add its file: %s. Where no such client connects, write no_old_clients = true.",
			strings.Join(clients, " and "), strings.Join(remedies, "; ")))}
}

// hostKeys reads the keys. Two keys of one type are an error: SSH uses only one key of each
// type.
func (c *Config) hostKeys() ([]ssh.Signer, error) {
	var keys []ssh.Signer
	types := map[string]string{}
	for _, file := range c.HostKeyFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		key, err := ParseHostKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		t := key.PublicKey().Type()
		if first, ok := types[t]; ok {
			return nil, fmt.Errorf("%s and %s are both of the type %s", first, file, t)
		}
		types[t] = file
		keys = append(keys, key)
	}
	return keys, nil
}

// Protocols implements config.Speaker.
func (c *Config) Protocols() []string { return []string{auth.SFTP} }

// Listens implements config.Listener.
func (c *Config) Listens() []config.Listening {
	return []config.Listening{{Address: c.Listen, At: c.ListenRange}}
}

// ServedTenants implements config.Serving.
func (c *Config) ServedTenants() ([]string, hcl.Range) { return c.Tenants, c.TenantsRange }

// NamedFiles implements config.Naming.
func (c *Config) NamedFiles() []string { return c.HostKeyFiles }

// Open binds the port.
func (c *Config) Open(ctx context.Context, env frontends.Env) (frontends.Server, error) {
	o := Options{
		Name: env.Name, Observe: env.Observe, Auth: env.Auth, Log: env.Log, Ledger: env.Ledger, Memory: env.Memory, Sockets: env.Sockets, Grace: env.Grace,
	}
	if err := c.set(&o); err != nil {
		return nil, err
	}
	return New(ctx, o)
}

// set sets all that the block says, and reads the host keys.
func (c *Config) set(o *Options) error {
	keys, err := c.hostKeys()
	if err != nil {
		return fmt.Errorf("sftp: host key: %w", err)
	}
	o.Listen, o.Proxies, o.Tenants = c.Listen, c.proxies, c.Tenants
	o.HostKeys, o.Legacy = keys, c.Legacy
	o.IdleTimeout, o.LoginTimeout = c.idle, c.login
	o.MaxLoginTries, o.MaxLogins = c.MaxLoginTries, c.MaxLogins
	o.MaxSessions, o.MaxSessionsPerAddress = c.MaxSessions, c.MaxSessionsPerAddress
	o.MaxLoginsPerAddress = c.MaxUnauthenticatedPerAddress
	o.RefuseAttributes = c.Attributes == "refuse"
	return nil
}
