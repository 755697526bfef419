package confine

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// protocol has all requests of a protocol.
type protocol struct {
	name string
	// attempt returns a function that sends every request with one text as the path.
	attempt func(t *testing.T, s *site, a account) func(t *testing.T, text string)
}

func protocols() []protocol {
	return []protocol{
		{"FTP", func(t *testing.T, s *site, a account) func(*testing.T, string) {
			all := verbs(t, s)
			return func(t *testing.T, text string) { s.check(t, a, text, converse(t, s, a.name, lines(all, text))) }
		}},
		{"FTP transfers", func(_ *testing.T, s *site, a account) func(*testing.T, string) {
			return func(t *testing.T, text string) {
				if oneLine(text) {
					s.check(t, a, text, transfers(t, s, a.name, text))
				}
			}
		}},
		{"SFTP", func(t *testing.T, s *site, a account) func(*testing.T, string) {
			c := dialSSH(t, s, a.name)
			return func(t *testing.T, text string) { s.check(t, a, text, exchange(t, c, text)) }
		}},
	}
}

// No request of a user reaches a path outside of the mounts and the root, or breaks a rule
// of the user's tree, whatever the bytes are.
func TestNothingLeadsOut(t *testing.T) {
	random := 60
	if testing.Short() {
		random = 10
	}
	for _, a := range accounts() {
		for _, protocol := range protocols() {
			t.Run(a.name+" over "+protocol.name, func(t *testing.T) {
				t.Parallel()
				store := memory.New()
				s := serve(t, store)
				try := protocol.attempt(t, s, a)
				for _, text := range texts(random) {
					reseed(t, store)
					try(t, text)
				}
				// Most texts lead somewhere in the user's tree.
				if calls := s.calls(); calls < len(texts(random)) {
					t.Errorf("%d calls have reached the store", calls)
				}
			})
		}
	}
}

// Every request to Azure names a blob in the user's part of the container. Listings and the
// sources of copies are in this part too.
func TestNoURLLeadsOut(t *testing.T) {
	if testing.Short() {
		t.Skip("sends tens of thousands of requests")
	}
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer("files")
	cred, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	store, err := azblob.New(azblob.Options{
		ContainerURL: stub.URL() + "/files", SharedKey: cred, Chunks: chunk.New(64 << 20), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s := serve(t, store)
	tried := 0
	for _, a := range accounts() {
		for _, protocol := range protocols() {
			t.Run(a.name+" over "+protocol.name, func(t *testing.T) {
				try := protocol.attempt(t, s, a)
				for i, text := range texts(30) {
					if i%6 != 0 {
						continue // each attempt is a hundred requests
					}
					reseed(t, store)
					seq := stub.Seq()
					try(t, text)
					for _, r := range stub.Requests(seq) {
						tried++
						if stray := strayURL(r, a.holds); stray != "" {
							t.Errorf("%q: %s of %s %s", text, a.name, r.Kind, stray)
						}
					}
				}
			})
		}
	}
	if tried < 1000 {
		t.Errorf("%d requests", tried)
	}
}

// strayURL returns what in a request lies outside of the directories.
func strayURL(r azstub.Request, holds []string) string {
	names := map[string]string{"blob": r.Blob}
	if r.Blob == "" {
		names = map[string]string{"prefix": r.Query.Get("prefix")}
	}
	if from := r.Header.Get("x-ms-copy-source"); from != "" {
		u, err := url.Parse(from)
		if err != nil {
			return "source " + from
		}
		_, names["source"], _ = strings.Cut(u.Path, "/files/")
	}
	for what, name := range names {
		inside := false
		for _, dir := range holds {
			dir = strings.TrimPrefix(dir, "/")
			inside = inside || name == dir || strings.HasPrefix(name, dir+"/")
		}
		for segment := range strings.SplitSeq(name, "/") {
			// A service or a proxy could resolve these.
			inside = inside && segment != "." && segment != ".." && !strings.Contains(segment, `\`)
		}
		if !inside {
			return what + " " + name
		}
	}
	return ""
}

// FuzzFTP sends any lines.
func FuzzFTP(f *testing.F) {
	store := memory.New()
	s := serve(f, store)
	reseed(f, store)
	for _, text := range texts(0)[:40] {
		f.Add([]byte("CWD "+text+"\r\nRETR "+text+"\r\nRNFR "+text+"\r\nRNTO "+text+"\r\nMLST "+text), true)
	}
	f.Add([]byte("CWD ..\r\nCDUP\r\nLIST -la ../..\r\nSTAT ../..\r\nMKD \xff\xff..\r\nPWD"), false)
	f.Fuzz(func(t *testing.T, sent []byte, rooted bool) {
		for _, verb := range []string{"PASV", "EPSV", "REIN", "USER"} {
			if strings.Contains(strings.ToUpper(string(sent)), verb) {
				t.Skip("waits for a data connection, or for another login")
			}
		}
		a := accounts()[0]
		if rooted {
			a = accounts()[1]
		}
		s.check(t, a, string(sent), converse(t, s, a.name, []string{string(sent)}))
	})
}

// FuzzSFTP sends every request with any two paths.
func FuzzSFTP(f *testing.F) {
	store := memory.New()
	s := serve(f, store)
	reseed(f, store)
	for _, text := range texts(0)[:40] {
		f.Add(text, true)
	}
	clients := map[bool]account{false: accounts()[0], true: accounts()[1]}
	f.Fuzz(func(t *testing.T, text string, rooted bool) {
		if len(text) > 30_000 {
			t.Skip("longer than a packet")
		}
		a := clients[rooted]
		s.check(t, a, text, exchange(t, dialSSH(t, s, a.name), text))
	})
}
