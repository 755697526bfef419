package ftp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/internal/auth"
)

// Config is the body of a block `frontend "ftp" "NAME" {}`.
type Config struct {
	// Listen is the address of the control port: "0.0.0.0:21".
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	// Banner is the text of the greeting. It may have several lines.
	Banner      string    `hcl:"banner,optional"`
	BannerRange hcl.Range `hcl:"banner,attr_value_range"`
	// LoginMessage is the text of the answer to a login. It may have several
	// lines.
	LoginMessage string    `hcl:"login_message,optional"`
	MessageRange hcl.Range `hcl:"login_message,attr_value_range"`
	// MaxSessions bounds the sessions at once, logged in or not; further
	// connections get 421. By default there is no bound.
	MaxSessions      int       `hcl:"max_sessions,optional"`
	MaxSessionsRange hcl.Range `hcl:"max_sessions,attr_value_range"`
	// MaxSessionsPerAddress bounds the sessions of one client address, or of one /64 network of
	// IPv6. By default there is no bound.
	MaxSessionsPerAddress int       `hcl:"max_sessions_per_address,optional"`
	PerAddressRange       hcl.Range `hcl:"max_sessions_per_address,attr_value_range"`
	// IdleTimeout ends a session whose client sends no command, and a data connection on which
	// the client moves no data.
	IdleTimeout string    `hcl:"idle_timeout,optional"`
	IdleRange   hcl.Range `hcl:"idle_timeout,attr_value_range"`
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
	// LoginTimeout ends a connection that has not logged in.
	LoginTimeout string    `hcl:"login_timeout,optional"`
	LoginRange   hcl.Range `hcl:"login_timeout,attr_value_range"`
	// CommitDelay is how long the gateway watches the control connection after the end of an
	// upload's data, before it commits the upload. By default the time follows from the round
	// trips of the connections: 1ms to 5ms if they take less than 1ms, otherwise 5ms plus the
	// time by which they vary, at most 50ms. It is always 5ms on systems other than Linux. By
	// default it is 1s after a TLS data connection without close_notify, unless the client never
	// sends close_notify. Connections that come by PROXY are watched for at least 50ms.
	CommitDelay string    `hcl:"commit_delay,optional"`
	CommitRange hcl.Range `hcl:"commit_delay,attr_value_range"`
	// Active allows PORT and EPRT: the gateway opens the data connection, only to the address
	// that the client comes from, and only to ports from 1024 on.
	Active bool `hcl:"active,optional"`
	// ProxyProtocol lists the networks of the peers that must speak PROXY, v1
	// or v2. Other peers must not.
	ProxyProtocol []string  `hcl:"proxy_protocol,optional"`
	ProxyRange    hcl.Range `hcl:"proxy_protocol,attr_value_range"`
	// Tenants are the tenants whose users may log in here: `["contoso"]`. If several of them have
	// a user of the same name, the client must send the tenant too: TENANT/USER. Default: all
	// tenants.
	Tenants      []string  `hcl:"tenants,optional"`
	TenantsRange hcl.Range `hcl:"tenants,attr_value_range"`

	Passive PassiveConfig `hcl:"passive,block"`
	TLS     *TLSConfig    `hcl:"tls,block"`

	idle, login time.Duration
	commit      time.Duration
	proxies     []netip.Prefix
}

// PassiveConfig is the block `passive {}`.
type PassiveConfig struct {
	// Listen is an address with one port or a range: "0.0.0.0:30000-30007".
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	// Host is the IPv4 address or DNS name that PASV announces. By default it is
	// the address that the client connected to. "auto" asks Azure for the address
	// of the load balancer or, without one, of the machine.
	Host      string    `hcl:"host,optional"`
	HostRange hcl.Range `hcl:"host,attr_value_range"`
	// Port is the port that PASV and EPSV announce for the first port of listen. By
	// default it is that port itself. "auto" asks Azure which ports of the load
	// balancer lead to those of listen, by an inbound NAT rule for each node.
	Port      string    `hcl:"port,optional"`
	PortRange hcl.Range `hcl:"port,attr_value_range"`
	// PeerCheck says whether a data connection must come from the address of its control
	// connection (strict, the default), from the same network (subnet: /24, or /64 of IPv6), or
	// from anywhere (off). Sessions whose addresses are the same for this check wait for each
	// other's data connections.
	PeerCheck      string    `hcl:"peer_check,optional"`
	PeerCheckRange hcl.Range `hcl:"peer_check,attr_value_range"`
	// AllowUnverifiedPeers allows peer_check = "off" although nothing proves to which session a
	// data connection belongs: the first program that connects to the port, from anywhere and
	// without a login, may get the file, or upload its own file. Without this setting, peer_check
	// = "off" needs tls with mode required or implicit and data_session_reuse = "require".
	AllowUnverifiedPeers bool `hcl:"allow_unverified_peers,optional"`
	// ProxyProtocol lists the networks of the peers that must speak PROXY, v1 or
	// v2, on the passive ports. Other peers must not.
	ProxyProtocol []string  `hcl:"proxy_protocol,optional"`
	ProxyRange    hcl.Range `hcl:"proxy_protocol,attr_value_range"`
	// The host that PASV announces to the clients of one network. The label is the network, host
	// is the address or name. The first block that matches applies.
	Networks []NetworkConfig `hcl:"network,block"`

	port    int
	proxies []netip.Prefix
}

// NetworkConfig is a block `network "10.0.0.0/8" {}`: the host that PASV announces to the
// clients of that network. The first block that matches applies.
type NetworkConfig struct {
	Network      string    `hcl:"network,label"`
	NetworkRange hcl.Range `hcl:"network,label_range"`
	// Host is the IPv4 address or DNS name that PASV announces.
	Host      string    `hcl:"host"`
	HostRange hcl.Range `hcl:"host,attr_value_range"`

	prefix netip.Prefix
}

// TLSConfig is the block `tls {}`.
type TLSConfig struct {
	Range hcl.Range `hcl:",def_range"`
	// Mode is off, optional, required or implicit.
	Mode      string    `hcl:"mode"`
	ModeRange hcl.Range `hcl:"mode,attr_value_range"`
	// MinVersion is 1.2, the default, or 1.3.
	MinVersion string    `hcl:"min_version,optional"`
	MinRange   hcl.Range `hcl:"min_version,attr_value_range"`
	// DataSessionReuse says whether data connections must resume the TLS session of their control
	// connection: off, prefer (the default) or require. After the first data connection that has
	// resumed, prefer refuses connections that do not resume. It accepts them, after a short
	// wait, if the sessions of a user may share their tickets, if the client uses each ticket
	// only once, or after a transfer that failed; see
	// [ftp.md](ftp.md#how-sessions-share-one-passive-port).
	DataSessionReuse string    `hcl:"data_session_reuse,optional"`
	ReuseRange       hcl.Range `hcl:"data_session_reuse,attr_value_range"`
	// CertFile is the PEM file with the certificate and its chain.
	CertFile  string    `hcl:"cert_file,optional"`
	CertRange hcl.Range `hcl:"cert_file,attr_value_range"`
	// KeyFile is the PEM file with the private key of the certificate.
	KeyFile  string    `hcl:"key_file,optional"`
	KeyRange hcl.Range `hcl:"key_file,attr_value_range"`
	// SelfSigned makes a certificate at each start, for trying things out.
	SelfSigned bool `hcl:"self_signed,optional"`
	// Certificates are further certificates, for other host names. A client gets the first
	// certificate that has the host name which it asks for (SNI). If there is none, it gets the
	// certificate of CertFile or, without that, the first one.
	Certificates []CertificateConfig `hcl:"certificate,block"`
	// ClientCAFile is the PEM file with the authorities whose client certificates are
	// accepted, for users with login = "certificate" or "certificate_and_password".
	ClientCAFile  string    `hcl:"client_ca_file,optional"`
	ClientCARange hcl.Range `hcl:"client_ca_file,attr_value_range"`
	// ClientCertificates says whether clients must have such a certificate: with request, the
	// default, they need none; require ends the TLS handshake of clients without one.
	ClientCertificates      string    `hcl:"client_certificates,optional"`
	ClientCertificatesRange hcl.Range `hcl:"client_certificates,attr_value_range"`
}

// CertificateConfig is a block `certificate {}`.
type CertificateConfig struct {
	// CertFile is the PEM file with the certificate and its chain.
	CertFile  string    `hcl:"cert_file"`
	CertRange hcl.Range `hcl:"cert_file,attr_value_range"`
	// KeyFile is the PEM file with the private key of the certificate.
	KeyFile  string    `hcl:"key_file"`
	KeyRange hcl.Range `hcl:"key_file,attr_value_range"`
}

// Type returns the block type of this frontend.
func Type() config.Type {
	return frontends.TypeOf("ftp", func() Config {
		return Config{IdleTimeout: "5m", LoginTimeout: "1m", MaxLogins: defaultMaxLogins}
	})
}

// Validate reports every problem of the block.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	diags = append(diags, config.CheckListen(c.Listen, c.ListenRange, "0.0.0.0:21")...)
	var more hcl.Diagnostics
	c.idle, more = config.ParseDuration(c.IdleTimeout, c.IdleRange)
	diags = append(diags, more...)
	c.login, more = config.ParseDuration(c.LoginTimeout, c.LoginRange)
	diags = append(diags, more...)
	if c.CommitDelay != "" {
		c.commit, more = config.ParseDuration(c.CommitDelay, c.CommitRange)
		diags = append(diags, more...)
	}
	diags = append(diags, checkText(c.Banner, c.BannerRange)...)
	diags = append(diags, checkText(c.LoginMessage, c.MessageRange)...)
	diags = append(diags, config.CheckBound(c.MaxSessions, c.MaxSessionsRange)...)
	diags = append(diags, config.CheckBound(c.MaxUnauthenticatedPerAddress, c.UnauthenticatedRange)...)
	diags = append(diags, config.CheckBound(c.MaxSessionsPerAddress, c.PerAddressRange)...)
	if c.MaxLogins < 1 {
		diags = append(diags, config.Problem(c.LoginsRange, "Invalid number", "Write a number from 1 on, such as 1000."))
	}
	c.proxies, more = config.ParseNetworks(c.ProxyProtocol, c.ProxyRange)
	diags = append(diags, more...)
	diags = append(diags, c.Passive.validate()...)
	if c.TLS != nil {
		diags = append(diags, c.TLS.validate()...)
	}
	return append(diags, c.checkPeers()...)
}

// checkPeers reports a configuration in which neither the address of a data connection nor a TLS
// ticket proves to which session the connection belongs.
func (c *Config) checkPeers() hcl.Diagnostics {
	if passive.PeerCheck(c.Passive.PeerCheck) != passive.PeerOff || c.Passive.AllowUnverifiedPeers || c.TLS.provesData() {
		return nil
	}
	return hcl.Diagnostics{config.Problem(c.Passive.PeerCheckRange, "Anybody may take a data connection",
		"With peer_check = \"off\" the program that reaches the port first, from anywhere and without a login, may get the file, or have its own stored. "+
			"Write mode = \"required\" (or \"implicit\") and data_session_reuse = \"require\" into tls {}, or allow_unverified_peers = true beside peer_check.")}
}

// provesData reports whether every data connection proves with a TLS ticket to which session it
// belongs.
func (t *TLSConfig) provesData() bool {
	if t == nil || ReuseMode(t.DataSessionReuse) != ReuseRequire {
		return false
	}
	return TLSMode(t.Mode) == TLSRequired || TLSMode(t.Mode) == TLSImplicit
}

func (p *PassiveConfig) validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	diags = append(diags, config.CheckListenRange(p.Listen, p.ListenRange, "0.0.0.0:30000-30007")...)
	_, first, last, _ := passive.ParseListen(p.Listen) // zero where it is wrong
	if p.Port != "" && p.Port != Auto {
		var err error
		p.port, err = strconv.Atoi(p.Port)
		if err != nil || p.port < 1 || p.port+(last-first) > 65535 {
			diags = append(diags, config.Problem(p.PortRange, "Invalid port",
				`Write a port from 1 to 65535, or "auto". It stands for the first port of listen, and the whole range must fit.`))
		}
	}
	if p.PeerCheck != "" {
		diags = append(diags, config.OneOf("peer_check", p.PeerCheck, p.PeerCheckRange,
			string(passive.PeerStrict), string(passive.PeerSubnet), string(passive.PeerOff))...)
	}
	var more hcl.Diagnostics
	p.proxies, more = config.ParseNetworks(p.ProxyProtocol, p.ProxyRange)
	diags = append(diags, more...)
	diags = append(diags, checkHost(p.Host, p.HostRange)...)
	for i := range p.Networks {
		n := &p.Networks[i]
		n.prefix, more = config.ParseNetwork(n.Network, n.NetworkRange)
		diags = append(diags, more...)
		diags = append(diags, checkHost(n.Host, n.HostRange)...)
	}
	return diags
}

// checkText checks a text that clients get.
func checkText(text string, at hcl.Range) hcl.Diagnostics {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) {
		return hcl.Diagnostics{config.Problem(at, "Control character in a text", `Only "\n" may stand in it, between lines.`)}
	}
	return nil
}

// checkHost checks the host that PASV announces.
func checkHost(host string, at hcl.Range) hcl.Diagnostics {
	if addr, err := netip.ParseAddr(host); err == nil && !addr.Is4() {
		return hcl.Diagnostics{config.Problem(at, "PASV can only announce an IPv4 address",
			"Write an IPv4 address or a DNS name. Clients that come over IPv6 use EPSV, which announces no address.")}
	}
	return nil
}

func (t *TLSConfig) validate() hcl.Diagnostics {
	diags := config.OneOf("mode", t.Mode, t.ModeRange,
		string(TLSOff), string(TLSOptional), string(TLSRequired), string(TLSImplicit))
	if t.MinVersion != "" {
		diags = append(diags, config.OneOf("min_version", t.MinVersion, t.MinRange, "1.2", "1.3")...)
	}
	if t.DataSessionReuse != "" {
		diags = append(diags, config.OneOf("data_session_reuse", t.DataSessionReuse, t.ReuseRange,
			string(ReuseOff), string(ReusePrefer), string(ReuseRequire))...)
	}
	diags = append(diags, t.validateClients()...)
	switch {
	case TLSMode(t.Mode) == TLSOff:
	case t.SelfSigned && (t.CertFile+t.KeyFile != "" || len(t.Certificates) > 0):
		diags = append(diags, config.Problem(t.Range, "Two certificates",
			"Write either cert_file and key_file, or self_signed = true."))
	case !t.SelfSigned && (t.CertFile == "" || t.KeyFile == "") && (t.CertFile+t.KeyFile != "" || len(t.Certificates) == 0):
		diags = append(diags, config.Problem(t.Range, "No certificate",
			"Write cert_file and key_file. For trying things out, self_signed = true makes one at each start."))
	case !t.SelfSigned:
		for _, one := range t.certificates() {
			diags = append(diags, config.CheckCertificate(one.CertFile, one.KeyFile, one.CertRange, one.KeyRange)...)
		}
	}
	return diags
}

// validateClients checks the settings about client certificates.
func (t *TLSConfig) validateClients() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if t.ClientCertificatesRange != (hcl.Range{}) {
		diags = config.OneOf("client_certificates", t.ClientCertificates, t.ClientCertificatesRange, "request", "require")
		if t.ClientCAFile == "" {
			diags = append(diags, config.Problem(t.ClientCertificatesRange, "Client certificates without an authority",
				"No certificate would be accepted. Write the PEM file with the certificate of the authority: client_ca_file = \"clients.pem\""))
		}
	}
	if t.ClientCAFile == "" {
		return diags
	}
	_, err := loadAuthorities(t.ClientCAFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		diags = append(diags, config.Unreadable(t.ClientCARange, err))
	case err != nil:
		diags = append(diags, config.Problem(t.ClientCARange, "Authorities cannot be used", fmt.Sprintf("%v.", err)))
	}
	return diags
}

// certificates are all certificates that are read from files, the one for unknown host
// names first.
func (t *TLSConfig) certificates() []CertificateConfig {
	if t.CertFile == "" {
		return t.Certificates
	}
	first := CertificateConfig{CertFile: t.CertFile, CertRange: t.CertRange, KeyFile: t.KeyFile, KeyRange: t.KeyRange}
	return append([]CertificateConfig{first}, t.Certificates...)
}

// Protocols implements config.Speaker.
func (c *Config) Protocols() []string {
	switch {
	case c.TLS == nil || TLSMode(c.TLS.Mode) == TLSOff:
		return []string{auth.FTP}
	case TLSMode(c.TLS.Mode) == TLSOptional:
		return []string{auth.FTP, auth.FTPS}
	}
	return []string{auth.FTPS}
}

// AsksForCertificates implements config.CertificateAsker.
func (c *Config) AsksForCertificates() bool {
	return c.TLS != nil && TLSMode(c.TLS.Mode) != TLSOff && c.TLS.ClientCAFile != ""
}

// Certifies implements config.Certified.
func (c *Config) Certifies(host string) (yes, known bool) {
	if c.TLS == nil || TLSMode(c.TLS.Mode) == TLSOff || c.TLS.SelfSigned {
		return false, false
	}
	loaded, _, err := c.TLS.load()
	return err == nil && certifies(loaded, host), err == nil
}

// Listens implements config.Listener.
func (c *Config) Listens() []config.Listening {
	return []config.Listening{{Address: c.Listen, At: c.ListenRange}, {Address: c.Passive.Listen, At: c.Passive.ListenRange}}
}

// ServedTenants implements config.Serving.
func (c *Config) ServedTenants() ([]string, hcl.Range) { return c.Tenants, c.TenantsRange }

// NamedFiles implements config.Naming.
func (c *Config) NamedFiles() []string {
	if c.TLS == nil {
		return nil
	}
	var files []string
	for _, one := range c.TLS.certificates() {
		files = append(files, one.CertFile, one.KeyFile)
	}
	return files
}

// PasswordsInClear implements config.ClearText.
func (c *Config) PasswordsInClear() (hcl.Range, bool) {
	if c.TLS == nil {
		return c.ListenRange, true
	}
	mode := TLSMode(c.TLS.Mode)
	return c.TLS.ModeRange, mode == TLSOff || mode == TLSOptional
}

// Open binds the ports.
func (c *Config) Open(ctx context.Context, env frontends.Env) (frontends.Server, error) {
	o := Options{
		Name: env.Name, Observe: env.Observe, Auth: env.Auth, Log: env.Log, Ledger: env.Ledger, Memory: env.Memory, Sockets: env.Sockets, Grace: env.Grace,
	}
	if err := c.set(&o); err != nil {
		return nil, err
	}
	return New(ctx, o)
}

// set sets all that the block says, and reads the certificate.
func (c *Config) set(o *Options) (err error) {
	o.Listen, o.Proxies, o.Tenants = c.Listen, c.proxies, c.Tenants
	o.Passive = PassiveOptions{
		Listen: c.Passive.Listen, Host: c.Passive.Host, Port: c.Passive.port, PortAuto: c.Passive.Port == Auto,
		PeerCheck: passive.PeerCheck(c.Passive.PeerCheck), Proxies: c.Passive.proxies,
	}
	for _, n := range c.Passive.Networks {
		o.Passive.Hosts = append(o.Passive.Hosts, NetworkHost{Network: n.prefix, Host: n.Host})
	}
	o.MaxSessions, o.MaxSessionsPerAddress, o.MaxLogins = c.MaxSessions, c.MaxSessionsPerAddress, c.MaxLogins
	o.MaxLoginsPerAddress = c.MaxUnauthenticatedPerAddress
	o.Banner, o.LoginMessage = strings.TrimRight(c.Banner, "\n"), strings.TrimRight(c.LoginMessage, "\n")
	o.IdleTimeout, o.LoginTimeout, o.CommitDelay = c.idle, c.login, c.commit
	o.Active = c.Active
	if c.TLS == nil || TLSMode(c.TLS.Mode) == TLSOff {
		o.TLS, o.TLSMode, o.Reuse, o.selfSigned, o.clientAuthorities = nil, TLSOff, "", false, nil
		return nil
	}
	o.TLSMode, o.Reuse, o.selfSigned = TLSMode(c.TLS.Mode), ReuseMode(c.TLS.DataSessionReuse), c.TLS.SelfSigned
	o.TLS, o.clientAuthorities, err = c.TLS.load()
	return err
}

// load reads the certificates, and those of the authorities of clients.
func (t *TLSConfig) load() (c *tls.Config, authorities []*x509.Certificate, err error) {
	if t.SelfSigned {
		c, err = SelfSigned()
	} else {
		var files []certificateFiles
		for _, one := range t.certificates() {
			files = append(files, certificateFiles{one.CertFile, one.KeyFile})
		}
		c, err = loadTLS(files)
	}
	if err != nil {
		return nil, nil, err
	}
	if t.ClientCAFile != "" {
		authorities, err = loadAuthorities(t.ClientCAFile)
		if err != nil {
			return nil, nil, fmt.Errorf("ftp: client_ca_file: %w", err)
		}
		AskClients(c, pool(authorities), t.ClientCertificates == "require")
	}
	c.MinVersion = tls.VersionTLS12
	if t.MinVersion == "1.3" {
		c.MinVersion = tls.VersionTLS13
	}
	return c, authorities, nil
}
