package control

import (
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
