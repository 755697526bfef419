package control

import (
	"errors"
	"net"
	"slices"
	"strings"
)

// protocol is FTP in RFC 7301's registry of ALPN names.
const protocol = "ftp"

// Protocols says what may be negotiated with a client that offers these protocols by
// ALPN on its control connection. Unknown protocols are ignored. The handshake fails
// with a browser: that ends attacks that lead it to an FTP server (ALPACA).
func Protocols(offered []string) []string {
	if slices.Contains(offered, protocol) || slices.ContainsFunc(offered, isWeb) {
		return []string{protocol}
	}
	return nil
}

// isWeb reports whether a protocol is a browser's.
func isWeb(protocol string) bool {
	switch protocol {
	case "h2", "h2c", "h3":
		return true
	}
	return strings.HasPrefix(protocol, "http/")
}

// HandshakeHint says more about a failed handshake, "" when nothing is known. A client
// that does not trust the certificate sends a plaintext alert where a protected record
// is expected, which crypto/tls reports as a bad record (golang/go #76767).
func HandshakeHint(err error) string {
	local, ok := errors.AsType[*net.OpError](err)
	if !ok || local.Op != "local error" || local.Err.Error() != "tls: bad record MAC" {
		return ""
	}
	return "the client ended the handshake: it probably does not trust the certificate"
}
