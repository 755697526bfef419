package stores

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestRcloneOverSFTP proves each guarantee over rclone's SFTP client and a server
// that serves a directory.
func TestRcloneOverSFTP(t *testing.T) {
	vfstest.RunAgain(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			host, port := serveSFTP(t)
			return openRclone(t, rclone.Options{Store: "sftp", Root: t.TempDir(), Values: map[string]config.Secret{
				"host": config.Secret(host), "port": config.Secret(port), "user": "user", "pass": "plain password",
				"shell_type": "none",
			}})
		},
		Refuses: func(name string) bool { return len(name) > 255 }, PageSize: 20,
	})
}

// serveSFTP serves this machine's files to who knows the password, until the
// test ends.
func serveSFTP(t *testing.T) (host, port string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	settings := &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if string(password) != "plain password" {
			return nil, errors.New("wrong password")
		}
		return nil, nil
	}}
	settings.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() { serveConn(conn, settings) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		sessions.Wait()
	})
	address := listener.Addr().(*net.TCPAddr)
	return address.IP.String(), strconv.Itoa(address.Port)
}

func serveConn(conn net.Conn, settings *ssh.ServerConfig) {
	defer func() { _ = conn.Close() }()
	_, channels, requests, err := ssh.NewServerConn(conn, settings)
	if err != nil {
		return
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	workers.Go(func() { ssh.DiscardRequests(requests) })
	for newChannel := range channels {
		channel, requests, err := newChannel.Accept()
		if err != nil {
			return
		}
		workers.Go(func() {
			for request := range requests {
				_ = request.Reply(request.Type == "subsystem", nil)
			}
		})
		workers.Go(func() {
			defer func() { _ = channel.Close() }()
			server, err := sftp.NewServer(channel)
			if err != nil {
				return
			}
			if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
				_ = server.Close()
			}
		})
	}
}
