package requests

import (
	"bytes"
	"context"
	"crypto/md5"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"golang.org/x/crypto/bcrypt"

	store "github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/frontends/auth"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/azstub"
	"github.com/tidegate/tidegate/internal/chunk"
	"github.com/tidegate/tidegate/vfs"
)

const (
	container = "files"
	mib       = 1 << 20
)

// serve starts FTP over the stub and returns a session that is logged in to the
// home directory "/home".
func serve(t *testing.T, s *azstub.Server) *ftpclient.Conn {
	t.Helper()
	s.CreateContainer(container)
	key, err := azblob.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.New(store.Options{ContainerURL: s.URL() + "/" + container, SharedKey: key, Chunks: chunk.New(256 * mib)})
	if err != nil {
		t.Fatal(err)
	}
	view, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: b, Root: vfs.MustParse("/tenant")}}, Home: vfs.MustParse("/home"), Allow: vfs.PermAll,
	})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users, err := auth.New([]auth.Account{{Tenant: "t", Name: "u", PasswordHash: string(hash), View: view}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := ftp.New(t.Context(), ftp.Options{
		Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, Auth: users,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := server.Serve(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = b.Close()
	})
	c, err := ftpclient.Dial(t.Context(), server.Addr().String(), ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login("u", "p"); err != nil {
		t.Fatal(err)
	}
	return c
}

// place fills the container: every command starts from the same files.
func place(t *testing.T, s *azstub.Server) {
	t.Helper()
	sum := md5.Sum([]byte("content"))
	for name, blob := range map[string]azstub.Blob{
		"small":     {Content: []byte("content"), Headers: azstub.Headers{ContentMD5: sum[:]}},
		"empty":     {Content: []byte{}},
		"log":       {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: "AAAAAAAAAAAAAAAAAAAAAA==", Size: 5}}},
		"made/":     {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
		"implied/a": {Content: []byte("a")},
	} {
		if err := s.Place(container, "tenant/"+name, blob); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCommands(t *testing.T) {
	do := func(script ...any) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			for i := 0; i < len(script); i += 2 {
				if _, err := c.Do(script[i].(string), script[i+1].(int)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	send := func(verb, name string, size int) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			tr, err := c.Transfer(verb+" "+name, 0)
			if err != nil {
				return err
			}
			if _, err := io.Copy(tr, bytes.NewReader(make([]byte, size))); err != nil {
				return err
			}
			return tr.Finish()
		}
	}
	receive := func(command string) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			tr, err := c.Transfer(command, 0)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, tr.Retrieve())
			return err
		}
	}
	tests := []struct {
		name string
		do   func(*ftpclient.Conn) error
		want string
	}{
		{"login, PWD, NOOP, PASV", do("PWD", 257, "NOOP", 200, "PASV", 227), "none"},
		{"CWD to the home, CDUP", do("CWD /home", 250, "CDUP", 250), "none"},
		{"STOR of a small file", send("STOR", "/new", 10), "PutBlob 1"},
		{"STOR of a file that is there", send("STOR", "/small", 10), "PutBlob 1"},
		{"STOR of an empty file", send("STOR", "/new", 0), "PutBlob 1"},
		{"STOR of a block", send("STOR", "/new", 8*mib), "PutBlob 1"},
		{"STOR of 64 MiB", send("STOR", "/new", 64*mib), "PutBlock 8, PutBlockList 1"},
		{"STOR into the home", send("STOR", "x", 10), "PutBlob 1"},
		{"APPE of a small piece", send("APPE", "/log", 10), "PutBlock 1, PutBlockList 1, GetBlockList 1, HeadBlob 1"},
		{"RETR", receive("RETR /small"), "GetBlob 1"},
		{"RETR of an empty file", receive("RETR /empty"), "GetBlob 1, HeadBlob 1"},
		{"SIZE", do("SIZE /small", 213), "HeadBlob 1"},
		{"MDTM", do("MDTM /small", 213), "HeadBlob 1"},
		{"MLST", do("MLST /small", 250), "HeadBlob 1"},
		{"MFMT", do("MFMT 20200101000000 /small", 213), "HeadBlob 1, SetMetadata 1"},
		{"CWD", do("CWD /made", 250), "ListBlobs 1"},
		{"CWD to nothing", do("CWD /nothing", 550), "HeadBlob 1, ListBlobs 1"},
		{"LIST", receive("LIST /implied"), "ListBlobs 1"},
		{"LIST -la", receive("LIST -la /"), "ListBlobs 1"},
		{"NLST", receive("NLST /implied"), "ListBlobs 1"},
		{"MLSD", receive("MLSD /implied"), "ListBlobs 1"},
		{"LIST of a file", receive("LIST /small"), "HeadBlob 1, ListBlobs 1"},
		{"LIST of the home", receive("LIST"), "HeadBlob 1, ListBlobs 1"},
		{"RNFR, RNTO", do("RNFR /small", 350, "RNTO /moved", 250), "HeadBlob 1, CopyBlob 1, DeleteBlob 1"},
		{"MKD", do("MKD /new", 257), "PutBlob 1, HeadBlob 1"},
		{"RMD", do("RMD /made", 250), "ListBlobs 1, DeleteBlob 1"},
		{"DELE", do("DELE /small", 250), "DeleteBlob 1"},
		{"MDTM that sets", do("MDTM 20200101000000 /small", 213), "HeadBlob 2, SetMetadata 1"},
		{"STOU", send("STOU", "x", 10), "PutBlob 1"},
		{"XMD5 that is stored", do("XMD5 /small", 250), "HeadBlob 1"},
		{"XSHA1", do("XSHA1 /small", 250), "GetBlob 1"},
		{"SITE CHMOD", do("SITE CHMOD 644 /small", 200), "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{Discard: strings.Contains(tt.name, "64 MiB")})
			c := serve(t, s)
			place(t, s)
			before := s.Counts()
			if err := tt.do(c); err != nil {
				t.Fatal(err)
			}
			if got := s.Counts().Since(before).String(); got != tt.want {
				t.Errorf("%s costs %s, want %s", tt.name, got, tt.want)
			}
		})
	}
}
