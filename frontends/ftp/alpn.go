package ftp

import (
	"slices"
	"strings"
)

// The protocols of FTP in RFC 7301's registry of ALPN names, and what FileZilla calls
// its data connections.
const (
	protocolFTP  = "ftp"
	protocolData = "ftp-data"
)

// controlProtocols says what may be negotiated with a client that offers these
// protocols on its control connection. Offers that nobody here knows are as good as
// none; but a browser is not talking to us, and its handshake fails: that ends attacks
// that lead it here (ALPACA).
func controlProtocols(offered []string) []string {
	if slices.Contains(offered, protocolFTP) || slices.ContainsFunc(offered, isWeb) {
		return []string{protocolFTP}
	}
	return nil
}

// dataProtocols is controlProtocols of data connections, which do nothing that is not
// begun on a control connection. Clients offer either name there.
func dataProtocols(offered []string) []string {
	own := []string{protocolData, protocolFTP}
	if slices.ContainsFunc(offered, func(p string) bool { return slices.Contains(own, p) }) {
		return own
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
