package status

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends"
)

// unixPrefix begins the address of a unix socket.
const unixPrefix = "unix:"

// leastToken is the length of the shortest token.
const leastToken = 16

// Config is the body of a block `frontend "status" "NAME" {}`.
type Config struct {
	// Listen is an address, "127.0.0.1:9180", or a unix socket,
	// "unix:/run/tidegate/status.sock". An address that other hosts can reach needs tls and
	// a token, or health_only.
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	// Token is the secret of operators, who can see sessions and control the process: the text of
	// a file, file("/etc/tidegate/status.token"), or of a variable, env("STATUS_TOKEN"). Clients
	// send it as `Authorization: Bearer`, browsers as the password of any user. Without a token,
	// every user of this machine can see sessions, and the process can be controlled only over a
	// unix socket.
	Token      config.Secret `hcl:"token,optional"`
	TokenRange hcl.Range     `hcl:"token,attr_value_range"`
	// HealthOnly serves only /healthz and /readyz, to every client that can reach the address:
	// for health checks of load balancers. Such an address needs neither tls nor a token.
	HealthOnly      bool      `hcl:"health_only,optional"`
	HealthOnlyRange hcl.Range `hcl:"health_only,attr_value_range"`
	// SocketMode has the permissions of the unix socket. Every user with write permission can see
	// all sessions and control the process.
	SocketMode      string    `hcl:"socket_mode,optional"`
	SocketModeRange hcl.Range `hcl:"socket_mode,attr_value_range"`

	TLS *TLSConfig `hcl:"tls,block"`

	mode fs.FileMode
}

// TLSConfig is the block `tls {}`.
type TLSConfig struct {
	// CertFile is the PEM file with the certificate chain.
	CertFile  string    `hcl:"cert_file"`
	CertRange hcl.Range `hcl:"cert_file,attr_value_range"`
	// KeyFile is the PEM file with its private key.
	KeyFile  string    `hcl:"key_file"`
	KeyRange hcl.Range `hcl:"key_file,attr_value_range"`
}

// Type returns the block type of this frontend.
func Type() config.Type {
	return frontends.TypeOf("status", func() Config { return Config{SocketMode: "0660"} })
}

// Validate reports every problem of the block.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	path, isUnix := c.socket()
	switch {
	case isUnix && !filepath.IsAbs(path):
		diags = append(diags, config.Problem(c.ListenRange, "Invalid path of a socket",
			`Write an absolute path, such as "unix:/run/tidegate/status.sock".`))
	case !isUnix:
		diags = append(diags, config.CheckListen(c.Listen, c.ListenRange, "127.0.0.1:9180")...)
		if !diags.HasErrors() && !c.HealthOnly && !c.onlyHere() && (c.TLS == nil || c.TokenRange == (hcl.Range{})) {
			diags = append(diags, config.Problem(c.ListenRange, "Status is open to other hosts",
				`Other hosts can reach this address, so it needs a block tls and a token. Write both, or listen = "127.0.0.1:9180", or health_only = true to serve only /healthz and /readyz.`))
		}
	}
	if c.HealthOnly && c.TokenRange != (hcl.Range{}) {
		diags = append(diags, config.Problem(c.TokenRange, "Token without use",
			"With health_only = true nothing is served that needs the token. Leave one of them out, and write another block for operators."))
	}
	if token := c.token(); c.TokenRange != (hcl.Range{}) && len(token) < leastToken {
		diags = append(diags, config.Problem(c.TokenRange, "Token too short",
			fmt.Sprintf("Write at least %d characters that cannot be guessed. Make some with: openssl rand -base64 24", leastToken)))
	}
	mode, err := strconv.ParseUint(c.SocketMode, 8, 32)
	if err != nil || mode > 0o777 {
		diags = append(diags, config.Problem(c.SocketModeRange, "Invalid mode of a socket", `Write permissions in octal, such as "0660".`))
	}
	c.mode = fs.FileMode(mode)
	if c.TLS != nil {
		diags = append(diags, config.CheckCertificate(c.TLS.CertFile, c.TLS.KeyFile, c.TLS.CertRange, c.TLS.KeyRange)...)
	}
	return diags
}

// socket returns the path of the unix socket, false for another address.
func (c *Config) socket() (string, bool) {
	path, isUnix := strings.CutPrefix(c.Listen, unixPrefix)
	return filepath.Clean(path), isUnix
}

// onlyHere reports whether only this machine can reach the address.
func (c *Config) onlyHere() bool {
	_, isUnix := c.socket()
	return isUnix || config.Listening{Address: c.Listen}.Loopback()
}

// token returns the token without the end of the line of its file.
func (c *Config) token() string { return strings.TrimSpace(c.Token.Reveal()) }

// Listens implements config.Listener.
func (c *Config) Listens() []config.Listening {
	if _, isUnix := c.socket(); isUnix {
		return nil
	}
	return []config.Listening{{Address: c.Listen, At: c.ListenRange}}
}

// Socket implements config.SocketListener.
func (c *Config) Socket() (config.Socket, bool) {
	path, isUnix := c.socket()
	return config.Socket{Path: path, At: c.ListenRange}, isUnix
}

// ForOperators implements config.ForOperators.
func (*Config) ForOperators() {}

// NamedFiles implements config.Naming.
func (c *Config) NamedFiles() []string {
	if c.TLS == nil {
		return nil
	}
	return []string{c.TLS.CertFile, c.TLS.KeyFile}
}

// Open binds the address.
func (c *Config) Open(ctx context.Context, env frontends.Env) (frontends.Server, error) {
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	return open(ctx, env, s)
}
