package ftp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

// Config is the body of a block `frontend "ftp" "NAME" {}`.
type Config struct {
	Listen       string    `hcl:"listen"`
	ListenRange  hcl.Range `hcl:"listen,attr_value_range"`
	Banner       string    `hcl:"banner,optional"`
	IdleTimeout  string    `hcl:"idle_timeout,optional"`
	IdleRange    hcl.Range `hcl:"idle_timeout,attr_value_range"`
	LoginTimeout string    `hcl:"login_timeout,optional"`
	LoginRange   hcl.Range `hcl:"login_timeout,attr_value_range"`

	Passive PassiveConfig `hcl:"passive,block"`
	TLS     *TLSConfig    `hcl:"tls,block"`

	idle, login time.Duration
}

// PassiveConfig is the block `passive {}`.
type PassiveConfig struct {
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	Host        string    `hcl:"host,optional"`
	HostRange   hcl.Range `hcl:"host,attr_value_range"`
	Port        int       `hcl:"port,optional"`
	PortRange   hcl.Range `hcl:"port,attr_value_range"`
}

// TLSConfig is the block `tls {}`.
type TLSConfig struct {
	Range      hcl.Range `hcl:",def_range"`
	Mode       string    `hcl:"mode"`
	ModeRange  hcl.Range `hcl:"mode,attr_value_range"`
	MinVersion string    `hcl:"min_version,optional"`
	MinRange   hcl.Range `hcl:"min_version,attr_value_range"`
	CertFile   string    `hcl:"cert_file,optional"`
	KeyFile    string    `hcl:"key_file,optional"`
	SelfSigned bool      `hcl:"self_signed,optional"`
}

// Type returns the block type of this frontend.
func Type() config.FrontendType {
	return config.FrontendOf("ftp", func() Config {
		return Config{IdleTimeout: "5m", LoginTimeout: "1m"}
	})
}

// Validate reports every problem of the block.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	wrong := func(at hcl.Range, summary, detail string) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at})
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		wrong(c.ListenRange, "Not an address to listen on", `Write an address and a port, such as "0.0.0.0:21".`)
	}
	_, first, last, err := passive.ParseListen(c.Passive.Listen)
	if err != nil {
		wrong(c.Passive.ListenRange, "Not an address of passive ports",
			`Write an address with one port or a range of ports, such as "0.0.0.0:50000" or "0.0.0.0:50000-50007".`)
	}
	if addr, err := netip.ParseAddr(c.Passive.Host); err == nil && !addr.Is4() {
		wrong(c.Passive.HostRange, "PASV can only tell an IPv4 address",
			"Write an IPv4 address or a DNS name. Clients that come over IPv6 use EPSV, which tells no address.")
	}
	if p := c.Passive.Port; p < 0 || p+(last-first) > 65535 {
		wrong(c.Passive.PortRange, "Not a port", "Write a port from 1 to 65535; with a range to listen on, the whole range must fit.")
	}
	for _, d := range []struct {
		text string
		at   hcl.Range
		into *time.Duration
	}{{c.IdleTimeout, c.IdleRange, &c.idle}, {c.LoginTimeout, c.LoginRange, &c.login}} {
		v, err := time.ParseDuration(d.text)
		if err != nil || v <= 0 {
			wrong(d.at, "Not a duration", `Write a positive duration with its unit, such as "90s" or "5m".`)
		}
		*d.into = v
	}
	if c.TLS != nil {
		diags = append(diags, c.TLS.validate()...)
	}
	return diags
}

func (t *TLSConfig) validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	wrong := func(at hcl.Range, summary, detail string) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at})
	}
	switch TLSMode(t.Mode) {
	case TLSOff, TLSOptional, TLSRequired, TLSImplicit:
	default:
		wrong(t.ModeRange, "Unknown TLS mode", `Write "off", "optional", "required" or "implicit".`)
	}
	if _, err := tlsVersion(t.MinVersion); err != nil {
		wrong(t.MinRange, "Unknown TLS version", `Write "1.2" or "1.3".`)
	}
	files := t.CertFile != "" && t.KeyFile != ""
	switch {
	case TLSMode(t.Mode) == TLSOff:
	case t.SelfSigned && (t.CertFile != "" || t.KeyFile != ""):
		wrong(t.Range, "Two certificates", "Write either cert_file and key_file, or self_signed = true.")
	case !t.SelfSigned && !files:
		wrong(t.Range, "No certificate", "Write cert_file and key_file; for trying things out, self_signed = true makes one at each start.")
	}
	return diags
}

func tlsVersion(text string) (uint16, error) {
	switch strings.TrimSpace(text) {
	case "", "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf("ftp: unknown TLS version")
}

// Open binds the ports.
func (c *Config) Open(ctx context.Context, env config.FrontendEnv) (frontends.Server, error) {
	o := Options{
		Listen:       c.Listen,
		Passive:      PassiveOptions{Listen: c.Passive.Listen, Host: c.Passive.Host, Port: c.Passive.Port},
		Auth:         env.Auth,
		Log:          env.Log,
		Banner:       c.Banner,
		IdleTimeout:  c.idle,
		LoginTimeout: c.login,
		Grace:        env.Grace,
	}
	if t := c.TLS; t != nil && TLSMode(t.Mode) != TLSOff {
		version, err := tlsVersion(t.MinVersion)
		if err != nil {
			return nil, err
		}
		o.TLSMode = TLSMode(t.Mode)
		if t.SelfSigned {
			o.TLS, err = SelfSigned()
		} else {
			o.TLS, err = loadTLS(t.CertFile, t.KeyFile, version)
		}
		if err != nil {
			return nil, err
		}
		o.TLS.MinVersion = version
	}
	return New(ctx, o)
}
