package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
)

// reloads is a gateway that only counts the configurations that it gets.
type reloads struct {
	configs []*config.Config
	err     error
}

func (r *reloads) Reload(_ context.Context, c *config.Config) (gateway.Changes, error) {
	if r.err == nil {
		r.configs = append(r.configs, c)
	}
	return gateway.Changes{}, r.err
}

func (*reloads) NoteReload(context.Context, error, ...slog.Attr) {}

func (*reloads) ReopenLogs() {}

// watched is a configuration in a directory that a reloader watches, in a bubble of synctest.
type watched struct {
	*testing.T
	*reloader
	dir  string
	got  reloads
	text strings.Builder
}

const watchedConfig = `
	backend "memory" "a" {}
	frontend "ftp" "public" {
	  listen = "127.0.0.1:0"
	  passive { listen = "127.0.0.1:0" }
	  tls {
	    mode      = "optional"
	    cert_file = "%[1]s/tls.crt"
	    key_file  = "%[1]s/tls.key"
	  }
	}
	tenant "contoso" {
	  mount "/" { backend = backend.memory.a }
	  user "one" { password_hash = trimspace(file("one.hash")) }
	  users_file = "contoso.users"
	}
`

const someHash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// watch loads the configuration with a block for reload.
func watch(t *testing.T, block string) *watched {
	t.Helper()
	w := &watched{T: t, dir: t.TempDir()}
	w.certificate()
	w.write("one.hash", someHash+"\n")
	w.write("contoso.users", "two:"+someHash+"\n")
	w.write("a.hcl", fmt.Sprintf(watchedConfig, w.dir))
	w.write("b.hcl", block)
	w.write("env", "UNUSED=1\n")
	in := input{path: w.dir, envFiles: []string{filepath.Join(w.dir, "env")}}
	l := in.loadToServe()
	if l.diags.HasErrors() {
		t.Fatal(l.diags)
	}
	log := slog.New(slog.NewTextHandler(&w.text, nil))
	w.reloader = &reloader{in: in, log: log, level: &slog.LevelVar{}, gateway: &w.got, current: l, watcher: newWatcher(in, l), manager: newManager(log)}
	return w
}

func (w *watched) write(name, text string) {
	w.Helper()
	write(w.T, filepath.Join(w.dir, name), text)
}

// certificate writes a new certificate and its key.
func (w *watched) certificate() {
	w.Helper()
	cert, key := pemFiles(w.T, time.Now().AddDate(0, 2, 0))
	for from, to := range map[string]string{cert: "tls.crt", key: "tls.key"} {
		text, err := os.ReadFile(from)
		if err != nil {
			w.Fatal(err)
		}
		w.write(to, string(text))
	}
}

// looked looks once, and returns how many configurations were reloaded, how many problems
// were logged, and the users of the last configuration.
func (w *watched) looked() (reloaded, problems int, users string) {
	w.Helper()
	before := len(w.got.configs)
	w.text.Reset()
	w.look(w.Context())
	var names []string
	for _, u := range w.current.config.Tenants[0].Users {
		names = append(names, u.Name)
	}
	slices.Sort(names)
	return len(w.got.configs) - before, strings.Count(w.text.String(), "level=ERROR"), strings.Join(names, " ")
}

// want looks, and compares what looked returns.
func (w *watched) want(when string, reloaded, problems int, users string) {
	w.Helper()
	gotReloaded, gotProblems, gotUsers := w.looked()
	if gotReloaded != reloaded || gotProblems != problems || gotUsers != users {
		w.Errorf("%s: %d reloads, %d problems, users %q; want %d, %d, %q\n%s",
			when, gotReloaded, gotProblems, gotUsers, reloaded, problems, users, w.text.String())
	}
}

// Only users files are watched by default. A change of the sources that nobody has asked to
// apply stays out of it.
func TestWatchUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		w.want("nothing has changed", 0, 0, "one two")
		w.write("c.hcl", "no configuration yet {")
		w.write("one.hash", "no hash yet")
		w.want("other files have changed", 0, 0, "one two")
		w.write("one.hash", someHash)
		w.write("contoso.users", "two:"+someHash+"\nthree:"+someHash+"\n")
		w.want("a user was added", 1, 0, "one three two")
		if !strings.Contains(w.text.String(), "contoso.users]") {
			t.Errorf("the log does not name the file:\n%s", w.text.String())
		}
		w.want("nothing has changed again", 0, 0, "one three two")
		w.write("contoso.users", "two:"+someHash+"\nthree:$2b$")
		w.want("a line is cut", 0, 2, "one three two")
		w.want("it stays cut", 0, 0, "one three two")
		if err := os.Remove(filepath.Join(w.dir, "contoso.users")); err != nil {
			t.Fatal(err)
		}
		w.want("it is removed", 0, 2, "one three two")
		w.write("contoso.users", "three:"+someHash+"\n")
		w.want("it is back", 1, 0, "one three")
	})
}

// A reload for a users file that fails because of another file is tried again when that one
// changes.
func TestWatchUsersTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		w.write("tls.crt", "half a certificate")
		w.write("contoso.users", "three:"+someHash+"\n")
		w.want("the certificate is wrong", 0, 2, "one two")
		w.want("it is still wrong", 0, 0, "one two")
		w.certificate()
		w.want("it is right", 1, 0, "one three")
		w.certificate()
		w.want("it changes alone", 0, 0, "one three")

		w.got.err = errors.New("the store does not open")
		w.write("contoso.users", "four:"+someHash+"\n")
		w.want("the reload fails", 0, 1, "one three")
		w.got.err = nil
		w.want("nothing has changed since", 0, 0, "one three")
		if _, err := w.again(t.Context(), "SIGHUP"); err != nil {
			t.Error(err)
		}
		w.want("SIGHUP has reloaded", 0, 0, "four one")
	})
}

// With "all" every file counts.
func TestWatchAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, `reload { watch = "all" }`)
		w.want("nothing has changed", 0, 0, "one two")
		w.write("contoso.users", "three:"+someHash+"\n")
		w.want("users file", 1, 0, "one three")
		w.write("one.hash", "$2y$"+someHash[4:])
		w.want("file()", 1, 0, "one three")
		w.certificate()
		w.want("certificate", 1, 0, "one three")
		w.write("c.hcl", `log { level = "warn" }`)
		w.want("a file more", 1, 0, "one three")
		w.write("c.hcl", `log { levl = "warn" }`)
		w.want("a mistake", 0, 2, "one three")
		w.want("it stays", 0, 0, "one three")
		if err := os.Remove(filepath.Join(w.dir, "c.hcl")); err != nil {
			t.Fatal(err)
		}
		w.want("a file less", 1, 0, "one three")
		w.write("env", "UNUSED=2\n")
		w.want("variables", 1, 0, "one three")
		w.write("b.hcl", `reload { watch = "off" }`)
		w.want("off", 1, 0, "one three")
		w.write("contoso.users", "four:"+someHash+"\n")
		w.want("nothing counts any more", 0, 0, "one three")
	})
}

// Files that change while they are looked at are read when they have stopped.
func TestWatchWaitsForTheLastChange(t *testing.T) {
	// pause between two writes is such that no write meets a look.
	const pause = settleTime * 37 / 100
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		begun := time.Now()
		w.write("contoso.users", "")
		go func() {
			for i := range 3 {
				time.Sleep(pause)
				w.write("contoso.users", strings.Repeat("# not all yet\n", i)+"three:"+someHash+"\n")
			}
		}()
		w.want("a program writes", 1, 0, "one three")
		if took := time.Since(begun); took < 2*settleTime {
			t.Errorf("the file was read after %v", took)
		}
		// One that never stops is left for the next look.
		stop := make(chan struct{})
		go func() {
			for i := 0; ; i++ {
				w.write("contoso.users", fmt.Sprintf("# %d\nfour:%s\n", i, someHash))
				select {
				case <-stop:
					return
				case <-time.After(pause):
				}
			}
		}()
		synctest.Wait()
		w.want("a program writes on", 0, 0, "one three")
		close(stop)
		synctest.Wait()
		w.want("it has ended", 1, 0, "four one")
	})
}

// Kubernetes replaces the files of a secret by one change of a symbolic link.
func TestWatchFollowsLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		file := filepath.Join(w.dir, "contoso.users")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		swap := func(version, users string) {
			t.Helper()
			dir := filepath.Join(w.dir, version)
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "contoso.users"), users)
			link := filepath.Join(w.dir, "..new")
			if err := errors.Join(os.Symlink(version, link), os.Rename(link, filepath.Join(w.dir, "..data"))); err != nil {
				t.Fatal(err)
			}
		}
		swap("v1", "three:"+someHash+"\n")
		if err := os.Symlink(filepath.Join("..data", "contoso.users"), file); err != nil {
			t.Fatal(err)
		}
		w.want("the first version", 1, 0, "one three")
		for i := range 3 {
			swap(fmt.Sprintf("v%d", i+2), fmt.Sprintf("user-%d:%s\n", i, someHash))
			w.want("a swap", 1, 0, fmt.Sprintf("one user-%d", i))
		}
	})
}
