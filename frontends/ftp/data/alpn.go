package data

import "slices"

// The protocols of FTP in RFC 7301's registry of ALPN names, and what FileZilla calls
// its data connections.
const (
	protocolFTP  = "ftp"
	protocolData = "ftp-data"
)

// dataProtocols says what may be negotiated by ALPN on a data connection. Clients offer
// either name there. Browsers are not refused: a data connection does nothing that was
// not begun on a control connection.
func dataProtocols(offered []string) []string {
	own := []string{protocolData, protocolFTP}
	if slices.ContainsFunc(offered, func(p string) bool { return slices.Contains(own, p) }) {
		return own
	}
	return nil
}
