package rclone_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// TestBackendOverS3 runs the suite over rclone's S3 client and a server in
// memory, which knows multipart uploads and pages.
func TestBackendOverS3(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New:      func(t *testing.T) vfs.Backend { return openS3(t, nil) },
		PageSize: 100,
		// S3 has 1,024 bytes for a key.
		Refuses: func(name string) bool { return len(name) > 1000 },
	})
}

func openS3(t *testing.T, values map[string]config.Secret) *rclone.Backend {
	t.Helper()
	store := exactPages{s3mem.New()}
	if err := store.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(store, gofakes3.WithV4Auth(map[string]string{"key": "secret"})).Server())
	t.Cleanup(server.Close)
	options := map[string]config.Secret{
		"provider": "Rclone", "endpoint": config.Secret(server.URL), "region": "us-east-1",
		"access_key_id": "key", "secret_access_key": "secret", "list_chunk": "100",
	}
	for name, value := range values {
		options[name] = value
	}
	return open(t, rclone.Options{Store: "s3", Root: "bucket/prefix", Values: options})
}

// exactPages makes the server's pages go on behind their last key, as S3's do.
// s3mem leaves out the next key when that one has been removed meanwhile.
type exactPages struct{ *s3mem.Backend }

func (s exactPages) ListBucket(ctx context.Context, name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	all, err := s.Backend.ListBucket(ctx, name, prefix, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	contents := map[string]*gofakes3.Content{}
	var keys []string
	for _, content := range all.Contents {
		contents[content.Key] = content
		keys = append(keys, content.Key)
	}
	for _, common := range all.CommonPrefixes {
		keys = append(keys, common.Prefix)
	}
	slices.Sort(keys)
	keys = slices.DeleteFunc(keys, func(key string) bool { return page.Marker != "" && key <= page.Marker })
	list := gofakes3.NewObjectList()
	for i, key := range keys {
		if page.MaxKeys > 0 && int64(i) == page.MaxKeys {
			list.IsTruncated, list.NextMarker = true, keys[i-1]
			break
		}
		if content, ok := contents[key]; ok {
			list.Add(content)
		} else {
			list.AddPrefix(key)
		}
	}
	return list, nil
}

// TestBackendOverSFTP runs the suite over rclone's SFTP client and a server
// that serves a directory.
func TestBackendOverSFTP(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			host, port := serveSFTP(t)
			return open(t, rclone.Options{Store: "sftp", Root: t.TempDir(), Values: map[string]config.Secret{
				"host": config.Secret(host), "port": config.Secret(port), "user": "user", "pass": "plain password",
				"shell_type": "none",
			}})
		},
		Refuses: refusesLongNames,
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
