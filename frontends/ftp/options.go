package ftp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
)

// TLSMode says what is asked of the control connection.
type TLSMode string

// The modes of TLS.
const (
	TLSOff      TLSMode = "off"
	TLSOptional TLSMode = "optional" // AUTH TLS is offered
	TLSRequired TLSMode = "required" // no login before AUTH TLS, no data without PROT P
	TLSImplicit TLSMode = "implicit" // TLS from the first byte, as on port 990
)

// defaultMaxLogins lets a large fleet reconnect at once. The budget counts memory.SessionFTP for
// each of these connections.
const defaultMaxLogins = 1000

// Options configure a Server. Durations of 0 mean the defaults.
type Options struct {
	// Name is the frontend's in the configuration: "public".
	Name string
	// Listen is the address of the control port.
	Listen  string
	Passive PassiveOptions
	TLSMode TLSMode
	// TLS is needed for every mode but off.
	TLS *tls.Config
	// selfSigned is true where the certificate was made and not read.
	selfSigned bool
	// clientAuthorities are the authorities of client certificates.
	clientAuthorities []*x509.Certificate
	// Auth says who may log in.
	Auth auth.Source
	// Tenants are the tenants whose users may log in. Without any, all are.
	Tenants []string
	Log     *slog.Logger
	// Observe is what the frontends of a process share.
	Observe observe.Shared
	// Ledger counts what is held, for all frontends of the process. nil makes one.
	Ledger *fairshare.Ledger
	// Memory is the process's. nil makes 256 MiB.
	Memory *memory.Parts
	// Sockets opens the ports. nil binds them.
	Sockets *listen.Sockets
	// Banner is the text of the greeting, LoginMessage that of the answer to a
	// login. Both may have several lines.
	Banner, LoginMessage string
	// MaxSessions bounds the sessions at once, logged in or not, and
	// MaxSessionsPerAddress those of one client address; 0 means no bound.
	MaxSessions, MaxSessionsPerAddress int
	// IdleTimeout ends a session that sends no command, and a data connection
	// on which the client moves nothing. Time that the client waits for us or
	// for the store does not count. Default 5 minutes.
	IdleTimeout time.Duration
	// MaxLogins bounds the connections at once that have not logged in, see
	// listen.Logins. Default 1000.
	MaxLogins int
	// MaxLoginsPerAddress bounds those of one client address; 0 means no bound.
	MaxLoginsPerAddress int
	// LoginTimeout ends a connection that has not logged in. Default 1 minute.
	LoginTimeout time.Duration
	// LoginDelay is how long the answer to the first wrong password of a
	// connection is held back; see auth.Delay. Default 500 ms.
	LoginDelay time.Duration
	// CommitDelay is how long the control connection is watched after the end
	// of the data before an upload is committed: a client that died takes both
	// connections with it. By default, on Linux, it follows from what the two connections
	// show of the network: from 1 ms to 5 ms on a near one, up to 50 ms where round trips
	// vary much; elsewhere 5 ms. It is at least 50 ms for connections that come through
	// PROXY, because their end arrives later, and 0 after a QUIT.
	CommitDelay time.Duration
	// TruncatedDelay is that time, where CommitDelay is 0, for a TLS data connection that
	// ended without close_notify, of a client that is not known to send none. Default
	// 1 second.
	TruncatedDelay time.Duration
	// Active allows PORT and EPRT, to the client's own address.
	Active bool
	// Reuse says whether TLS data connections must resume the session of
	// their control connection. Default ReusePrefer.
	Reuse ReuseMode
	// Proxies are the peers that must speak the PROXY protocol, version 1 or 2,
	// on the control port. All others must not.
	Proxies []netip.Prefix
	// Grace is how long running transfers may continue after the stop.
	Grace time.Duration
}

// PassiveOptions say which ports data connections use.
type PassiveOptions struct {
	// Listen is an address with a port or a range of ports.
	Listen string
	// Host is the IPv4 address or DNS name that PASV announces; "" is the one
	// that the client reached us at, Auto that of Azure's load balancer or, where
	// there is none, of the machine. A name is resolved for each PASV. EPSV
	// announces no address.
	Host string
	// Hosts replace Host for clients from certain networks; the first that
	// matches counts.
	Hosts []NetworkHost
	// Port is the port that is announced for the first one of Listen, where they
	// differ; further ones follow it. 0 announces the ports as they are.
	Port int
	// PortAuto announces, instead, the ports through which Azure's load balancer
	// leads to those of Listen. They are asked for in the background, as is a
	// Host that is Auto, and until they are known PASV and EPSV get 425.
	PortAuto bool
	// Metadata is where Azure's Instance Metadata Service answers, by default
	// imds.Endpoint.
	Metadata string
	// MaxHold, Patience, Lifetime and Quarantine are those of passive.Options,
	// with its defaults.
	MaxHold, Patience, Lifetime, Quarantine time.Duration
	// PeerCheck says from where data connections may come.
	PeerCheck passive.PeerCheck
	// Proxies are the peers that must speak PROXY on the passive ports.
	Proxies []netip.Prefix
}

// NetworkHost is what PASV announces to the clients of one network.
type NetworkHost = data.NetworkHost

// Auto as a host or a port stands for what Azure says of the load balancer.
const Auto = data.Auto

// ReuseMode says what is asked of TLS data connections; see data.ReuseMode.
type ReuseMode = data.ReuseMode

// The modes of session reuse.
const (
	ReuseOff     = data.ReuseOff
	ReusePrefer  = data.ReusePrefer
	ReuseRequire = data.ReuseRequire
)

// complete sets the defaults, and reports what is missing.
func (o *Options) complete() error {
	o.setDefaults()
	if o.TLSMode != TLSOff && o.TLS == nil {
		return fmt.Errorf("ftp: tls mode %q needs a certificate", o.TLSMode)
	}
	if o.Auth == nil {
		return errors.New("ftp: no authenticator")
	}
	if o.TLS != nil {
		o.TLS = o.TLS.Clone()
		// Data is written in large pieces.
		o.TLS.DynamicRecordSizingDisabled = true
	}
	return nil
}

func (o *Options) setDefaults() {
	if o.Ledger == nil {
		o.Ledger = fairshare.New()
	}
	if o.Memory == nil {
		o.Memory = memory.Divide(memory.Default)
	}
	if o.TLSMode == "" {
		o.TLSMode = TLSOff
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Banner == "" {
		o.Banner = "Tidegate ready"
	}
	if o.LoginMessage == "" {
		o.LoginMessage = "Logged in"
	}
	if o.LoginDelay <= 0 {
		o.LoginDelay = 500 * time.Millisecond
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = 5 * time.Minute
	}
	if o.MaxLogins <= 0 {
		o.MaxLogins = defaultMaxLogins
	}
	if o.LoginTimeout <= 0 {
		o.LoginTimeout = time.Minute
	}
	if o.TruncatedDelay <= 0 {
		o.TruncatedDelay = truncatedDelay
	}
	if o.Reuse == "" {
		o.Reuse = ReusePrefer
	}
}

// mustProtect reports whether data in clear is refused.
func (o *Options) mustProtect() bool {
	return o.TLSMode == TLSRequired || o.TLSMode == TLSImplicit
}
