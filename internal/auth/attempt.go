package auth

import (
	"crypto/x509"
	"net/netip"
)

// The protocols that a user can be limited to. FTPS is FTP with TLS.
const (
	FTP  = "ftp"
	FTPS = "ftps"
	SFTP = "sftp"
)

// Attempt is a login that a frontend has received, without the credentials.
type Attempt struct {
	// Login is the name that the client sent.
	Login string
	// From is the client's address.
	From netip.Addr
	// Protocol is how the client has connected, as a word of Account.Protocols.
	Protocol string
	// Host is the host name that the client asked for, by TLS or by FTP's HOST. "" is none.
	Host string
	// Tenants are the tenants that the frontend serves. Without any it serves all.
	Tenants []string
	// Certificate is the verified client certificate of the TLS connection, nil for none.
	Certificate *x509.Certificate
}
