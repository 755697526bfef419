package sftp

import (
	"net"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/kexinit"
)

// begin begins the connection for the library, and leaves nothing but AES-GCM in
// config for a client that has it. Keys are exchanged anew with the same lists.
// Until is the deadline of the connection. It reports whether the client has said
// what it offers.
func (c *conn) begin(config *ssh.ServerConfig, until time.Time) (begun net.Conn, understood bool) {
	if soon := time.Now().Add(c.settings.KexInitWait); soon.Before(until) {
		_ = c.raw.SetReadDeadline(soon)
	}
	begun, offer := kexinit.Peek(c.raw, config.ServerVersion)
	_ = c.raw.SetReadDeadline(until)
	c.notSSH, c.understood = offer.NotSSH, offer.ClientToServer != nil
	config.Ciphers = ciphersFor(offer, config.Ciphers)
	return begun, offer.ClientToServer != nil
}

// ciphersFor returns the ciphers that are offered to a client: only AES-GCM if the client has it
// for both directions. Most clients prefer CTR, which also needs a MAC and costs more. The order
// of the client decides between 128 and 256 bits.
func ciphersFor(o kexinit.Offer, ours []string) []string {
	gcm := []string{ssh.CipherAES128GCM, ssh.CipherAES256GCM}
	isGCM := func(cipher string) bool { return slices.Contains(gcm, cipher) }
	if slices.ContainsFunc(o.ClientToServer, isGCM) && slices.ContainsFunc(o.ServerToClient, isGCM) {
		return gcm
	}
	return ours
}
