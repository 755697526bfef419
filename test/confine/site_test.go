package confine

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/recorder"
	"github.com/tidegate/tidegate/vfs"
)

const (
	password = "p"
	// outside is the content of every file that no user may see.
	outside = "CONTENT-OUTSIDE"
)

// account is one user with a part of the store.
type account struct {
	name string
	tree func(store vfs.Backend) vfs.ViewOptions
	// stray returns why a call of the store is not one that the user may cause.
	stray func(recorder.Call) string
	// holds are the directories of the store that the user's paths lead to.
	holds []string
	// hidden is a part of the user's place in the store. No answer may show it before the
	// client has sent it.
	hidden string
}

func accounts() []account {
	p := vfs.MustParse
	return []account{
		{
			// A mount with a prefix, beside one whose name begins with the same letters.
			name: "mounted", holds: []string{"/contoso-a"}, hidden: "contoso-a",
			tree: func(store vfs.Backend) vfs.ViewOptions {
				return vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store, Root: p("/contoso-a")}}, Home: p("/in"), Allow: vfs.PermAll}
			},
			stray: func(recorder.Call) string { return "" },
		},
		{
			name: "rooted", holds: []string{"/t/customers/a", "/shared"}, hidden: "customers",
			tree: func(store vfs.Backend) vfs.ViewOptions {
				return vfs.ViewOptions{
					Mounts: []vfs.Mount{
						{Backend: store, Root: p("/t")},
						{At: p("/customers/a/shared"), Backend: store, Root: p("/shared"), ReadOnly: true},
					},
					Root: p("/customers/a"), Home: p("/in"), Allow: vfs.PermAll,
					Paths: []vfs.PathRule{{At: p("/outbox"), Allow: vfs.PermList | vfs.PermRead}, {At: p("/dir/kept"), Allow: vfs.PermList}},
					Names: vfs.NameRules{Deny: []string{"*.exe", ".*"}},
				}
			},
			stray: strayOfRules,
		},
	}
}

// strayOfRules returns which rule of the user "rooted" a call breaks.
func strayOfRules(c recorder.Call) string {
	for _, p := range c.Changed() {
		for _, kept := range []string{"/t/customers/a/outbox", "/t/customers/a/dir/kept", "/shared"} {
			if _, below := p.Cut(vfs.MustParse(kept)); below {
				return "changes " + kept
			}
			if _, above := vfs.MustParse(kept).Cut(p); above && (c.Op == recorder.Rename || c.Op == recorder.Remove && c.Type == vfs.TypeDir) {
				return "changes what holds " + kept
			}
		}
	}
	if c.Op == recorder.Open || c.Op == recorder.Copy {
		if _, below := c.Path.Cut(vfs.MustParse("/t/customers/a/dir/kept")); below {
			return "reads what may only be listed"
		}
	}
	if p, ok := c.Named(); ok {
		name := strings.TrimRight(strings.ToLower(p.Base()), ". ")
		if strings.HasPrefix(p.Base(), ".") || strings.HasSuffix(name, ".exe") {
			return "gives a name that is denied"
		}
	}
	return ""
}

// seeds are the files of the store, by path.
func seeds() map[string]string {
	return map[string]string{
		"/secret": outside, "/t/secret": outside, "/t/customers/secret": outside, "/t/customers/ab/secret": outside, "/t/customers/b/secret": outside,
		"/contoso-ab/secret": outside, "/ab/secret": outside, "/b/secret": outside, "/other/secret": outside, "/t/ab/secret": outside,
		"/contoso-a/own": "own", "/contoso-a/dir/file": "file", "/contoso-a/outbox/file": "file", "/shared/file": "file",
		"/t/customers/a/own": "own", "/t/customers/a/dir/file": "file", "/t/customers/a/dir/kept/file": outside, "/t/customers/a/outbox/file": "file",
	}
}

// reseed writes the files of the store, which requests may have changed. Where a directory
// has taken the name of a file, it stays.
func reseed(t testing.TB, store vfs.Backend) {
	t.Helper()
	for name, content := range seeds() {
		w, err := store.Create(t.Context(), vfs.MustParse(name), vfs.CreateOptions{})
		if err != nil {
			continue
		}
		if _, err := io.WriteString(w, content); err == nil {
			_, _ = w.Commit(t.Context(), vfs.CommitOptions{})
		}
		w.Abort()
	}
}

// site is a running gateway over a store that records.
type site struct {
	ftp, sftp string

	mu      sync.Mutex
	strays  []string
	reached int
	// shown is true after a client has sent what is hidden, and may have made it itself.
	shown bool
}

// serve serves all accounts over a store. The store holds the seeds.
func serve(t testing.TB, store vfs.Backend) *site {
	t.Helper()
	s := &site{}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	var users []auth.Account
	for _, a := range accounts() {
		view, err := vfs.NewView(a.tree(recorder.New(store, func(c recorder.Call) { s.see(a, c) })))
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, auth.Account{Tenant: "t", Name: a.name, PasswordHash: string(hash), User: &tenant.User{View: view}})
	}
	known, err := auth.New(users)
	if err != nil {
		t.Fatal(err)
	}
	host, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	overFTP, err := ftp.New(t.Context(), ftp.Options{Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, Auth: known, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	overSFTP, err := sftp.New(t.Context(), sftp.Options{Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{host}, Auth: known, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	for _, server := range []frontends.Server{overFTP, overSFTP} {
		serving.Go(func() {
			if err := server.Serve(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		serving.Wait()
	})
	s.ftp, s.sftp = overFTP.Addr().String(), overSFTP.Addr().String()
	return s
}

// see checks one call of the store.
func (s *site) see(a account, c recorder.Call) {
	why := a.stray(c)
	for _, p := range c.Paths() {
		inside := false
		for _, dir := range a.holds {
			_, below := p.Cut(vfs.MustParse(dir))
			inside = inside || below
		}
		if !inside || !plain(p.String()) {
			why = "leads out"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reached++
	if why != "" {
		s.strays = append(s.strays, fmt.Sprintf("%s: %s of %q (to %q) %s", a.name, c.Op, c.Path, c.To, why))
	}
}

// plain reports whether a path has no element that a store could resolve, and no byte that
// it could cut the path at. It does not use package vfs, which is what is tested.
func plain(path string) bool {
	for element := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if element == "." || element == ".." || element == "" && path != "/" {
			return false
		}
	}
	return utf8.ValidString(path) && !strings.ContainsFunc(path, unicode.IsControl)
}

// check fails the test for the calls since the last check that strayed, and for content in
// the answers that the user may not see.
func (s *site) check(t testing.TB, a account, sent string, answers []byte) {
	t.Helper()
	s.mu.Lock()
	strays := s.strays
	s.strays = nil
	s.mu.Unlock()
	for _, stray := range strays {
		t.Errorf("%q: %s", sent, stray)
	}
	if bytes.Contains(answers, []byte(outside)) {
		t.Errorf("%q: %s reads a file outside", sent, a.name)
	}
	s.shown = s.shown || strings.Contains(sent, a.hidden)
	if bytes.Contains(answers, []byte(a.hidden)) && !s.shown {
		t.Errorf("%q: an answer to %s shows where the tree lies: %q", sent, a.name, answers)
	}
}

// calls returns how many calls have reached the store.
func (s *site) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reached
}

// patience bounds each conversation.
const patience = 5 * time.Minute
