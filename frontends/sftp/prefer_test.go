package sftp_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// The client's order decides, but among AES-GCM when it has that.
func TestPreferredCipher(t *testing.T) {
	g := startGate(t, func(o *sftp.Options) { o.KexInitWait = time.Minute })
	tests := []struct {
		name   string
		client []string
		want   string
	}{
		{"CTR before GCM", []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES128CTR, ssh.CipherAES128GCM}, ssh.CipherAES128GCM},
		{"256 bits before 128", []string{ssh.CipherAES256CTR, ssh.CipherAES256GCM, ssh.CipherAES128GCM}, ssh.CipherAES256GCM},
		{"CTR alone", []string{ssh.CipherAES192CTR, ssh.CipherAES128CTR}, ssh.CipherAES192CTR},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := clientConfig("any", ssh.Password("pw"))
			config.Ciphers = test.client
			c, err := ssh.Dial("tcp", g.addr, config)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got := c.Conn.(ssh.AlgorithmsConnMetadata).Algorithms()
			if got.Read.Cipher != test.want || got.Write.Cipher != test.want {
				t.Errorf("%s and %s, want %s", got.Read.Cipher, got.Write.Cipher, test.want)
			}
		})
	}
}

// Waiting for what a client offers gives no client more time to log in.
func TestLoginTimeoutHolds(t *testing.T) {
	for _, timeout := range []time.Duration{50 * time.Millisecond, 500 * time.Millisecond} {
		g := startGate(t, func(o *sftp.Options) { o.LoginTimeout = timeout })
		for _, said := range []string{"", "SSH-2.0-c\r\n", "SSH-2.0-c\r\n\x00\x00\x05\x00\x04\x14"} {
			c, err := net.Dial("tcp", g.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, said); err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(time.Now().Add(patience.Limit()))
			if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the client that sent %q is still there", said)
			}
		}
	}
}
