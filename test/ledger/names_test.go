package ledger

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sftplib "github.com/pkg/sftp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// change is an operation on names of an account with a hierarchical namespace: one request of the
// Data Lake endpoint.
type change struct {
	what     string
	kind     azstub.Kind
	name, to string // to of a rename
}

func (c change) String() string { return fmt.Sprintf("%s %s %s", c.what, c.name, c.to) }

// at is the name that the request is sent to.
func (c change) at() string {
	if c.to != "" {
		return c.to
	}
	return c.name
}

// names is the client of one worker.
type names interface {
	do(change) error
	put(name, content string) error
}

type ftpNames struct{ *ftpclient.Conn }

func (c ftpNames) do(ch change) error {
	steps := map[string][]string{
		"mkdir": {"MKD /" + ch.name}, "rmdir": {"RMD /" + ch.name}, "remove": {"DELE /" + ch.name},
		"rename": {"RNFR /" + ch.name, "RNTO /" + ch.to},
	}[ch.what]
	for i, step := range steps {
		code := map[bool]int{true: 350, false: 250}[i+1 < len(steps)]
		if ch.what == "mkdir" {
			code = 257
		}
		if _, err := c.Do(step, code); err != nil {
			return err
		}
	}
	return nil
}

func (c ftpNames) put(name, content string) error { return c.Put("/"+name, strings.NewReader(content)) }

type sftpNames struct{ *sftplib.Client }

func (c sftpNames) do(ch change) error {
	switch ch.what {
	case "mkdir":
		return c.Mkdir("/" + ch.name)
	case "rmdir":
		return c.RemoveDirectory("/" + ch.name)
	case "remove":
		return c.Remove("/" + ch.name)
	default:
		return c.PosixRename("/"+ch.name, "/"+ch.to)
	}
}

func (c sftpNames) put(name, content string) error {
	f, err := c.Create("/" + name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	return errors.Join(err, f.Close())
}

// dialNames logs a worker in.
func (g *gateway) dialNames(t *testing.T, p protocol) names {
	t.Helper()
	s, err := g.dial(t.Context(), g.current(), p, accounts()[0].name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if c, ok := s.client.(*ftpClient); ok {
		return ftpNames{c.Conn}
	}
	c := s.client.(*sftpClient)
	client, err := sftplib.NewClient(c.ssh)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.raw.SetDeadline(time.Time{})
	t.Cleanup(func() { _ = client.Close() })
	return sftpNames{client}
}

// below is what the store holds below a directory: files with their content, directories with a
// slash at the end.
func (s *store) below(dir string) map[string]string {
	all := map[string]string{}
	for _, name := range s.Directories(container) {
		if strings.HasPrefix(name, dir+"/") {
			all[name+"/"] = ""
		}
	}
	for _, name := range s.Names(container) {
		if strings.HasPrefix(name, dir+"/") {
			b, _ := s.Blob(container, name)
			all[name] = string(b.Content)
		}
	}
	return all
}

// after is what a change makes of what was there.
func (c change) after(before map[string]string) map[string]string {
	all := map[string]string{}
	for name, content := range before {
		switch rest, within := strings.CutPrefix(name, c.name); {
		case c.what == "remove" && name == c.name, c.what == "rmdir" && name == c.name+"/":
		case c.what == "rename" && within && (rest == "" || rest[0] == '/'):
			all[c.to+rest] = content
		case c.what == "rename" && name == c.to: // replaced
		default:
			all[name] = content
		}
	}
	if c.what == "mkdir" {
		all[c.name+"/"] = ""
	}
	return all
}

// nameFaults are what the store does to the requests of a change.
func nameFaults(kind azstub.Kind) []fault {
	kinds := []azstub.Kind{kind}
	var all []fault
	for _, way := range []struct {
		name  string
		fault azstub.Fault
		loses bool
	}{
		{"503", azstub.ServerBusy(), false},
		{"cut before", azstub.Cut(azstub.BeforeBody()), false},
		{"lost answer", azstub.LostAnswer(), true},
		{"500 after", azstub.Fail(azstub.AfterWork(), 500, "InternalError"), true},
	} {
		for _, times := range []int{1, retries, 0} {
			all = append(all, fault{
				name: fmt.Sprintf("%v %s × %d", kind, way.name, times), kinds: kinds, loses: way.loses, recovers: times > 0,
				rules: []azstub.Rule{{Kinds: kinds, Times: times, Fault: way.fault}},
			})
		}
	}
	return append(all, fault{ // what became of it cannot be asked either
		name: fmt.Sprintf("%v lost answer, and no other", kind), kinds: kinds, loses: true,
		rules: []azstub.Rule{{Kinds: kinds, Fault: azstub.LostAnswer()}, {Kinds: []azstub.Kind{azstub.HeadBlob, azstub.HeadPath}, Fault: azstub.ServerBusy()}},
	})
}

// nameWorker changes names in a directory of its own.
type nameWorker struct {
	t     *testing.T
	store *store
	names names
	dir   string
	r     *rand.Rand
	// outcomes counts changes by what the client was told and what was there.
	outcomes map[string]int
}

// change makes a change while the store fails, and repeats it without faults if it was not made.
// A reply of success must mean that the change was made. Any other reply must mean that it was not
// made, unless an answer of the store was lost.
func (w *nameWorker) change(ch change, faults []fault) {
	before := w.store.below(w.dir)
	after := ch.after(before)
	f := faults[w.r.IntN(len(faults))]
	remove := f.strike(w.store, ch.at())
	err := w.names.do(ch)
	remove()
	got := w.store.below(w.dir)
	made := cmp.Equal(got, after)
	switch {
	case err == nil && made:
		w.outcomes["made"]++
		return
	case err == nil:
		w.t.Errorf("%v; store: %s: done, and (-want +got):\n%s", ch, f.name, cmp.Diff(after, got))
		return
	case f.recovers:
		w.t.Errorf("%v; store: %s: %v", ch, f.name, err)
	case made && f.loses:
		w.outcomes["made, not told"]++
		return
	case !cmp.Equal(got, before):
		w.t.Errorf("%v; store: %s: %v, and (-want +got):\n%s", ch, f.name, err, cmp.Diff(before, got))
		return
	}
	w.outcomes["not made"]++
	if err := w.names.do(ch); err != nil {
		w.t.Errorf("%v, once more: %v", ch, err)
	}
}

// cycle makes a directory and a file in it, renames both, and removes them.
func (w *nameWorker) cycle(n int) {
	dir := fmt.Sprintf("%s/%d", w.dir, n)
	put := func(name string) {
		if err := w.names.put(name, fmt.Sprint(name, w.r.Uint64())); err != nil {
			w.t.Errorf("%s: %v", name, err)
		}
	}
	renames, directories, removals := nameFaults(azstub.RenamePath), nameFaults(azstub.CreateDirectory), nameFaults(azstub.DeletePath)
	w.change(change{"mkdir", azstub.CreateDirectory, dir, ""}, directories)
	put(dir + "/part")
	if n%2 == 0 {
		put(dir + "/whole") // is replaced
	}
	w.change(change{"rename", azstub.RenamePath, dir + "/part", dir + "/whole"}, renames)
	w.change(change{"rename", azstub.RenamePath, dir, dir + "-done"}, renames)
	w.change(change{"remove", azstub.DeleteBlob, dir + "-done/whole", ""}, nameFaults(azstub.DeleteBlob))
	w.change(change{"rmdir", azstub.DeletePath, dir + "-done", ""}, removals)
}

// TestNames changes names in an account with a hierarchical namespace, while its Data Lake
// endpoint fails and loses answers: each reply to a client must be true.
func TestNames(t *testing.T) {
	const workers, cycles = 4, 25
	seed := newSeed(t)
	leak.CheckOf(t, gatewayCode()...)
	store := newStore(t, azstub.Options{HNS: true})
	g := newGateway(t, store)
	outcomes := map[string]int{}
	t.Run("workers", func(t *testing.T) {
		var mu sync.Mutex
		for i := range workers {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				w := &nameWorker{
					t: t, store: store, names: g.dialNames(t, []protocol{plain, overSSH}[i%2]), dir: fmt.Sprint("worker-", i),
					r: rand.New(rand.NewPCG(seed, uint64(i))), outcomes: map[string]int{},
				}
				if err := w.names.do(change{what: "mkdir", name: w.dir}); err != nil {
					t.Fatal(err)
				}
				for n := range cycles {
					w.cycle(n)
				}
				mu.Lock()
				defer mu.Unlock()
				for outcome, n := range w.outcomes {
					outcomes[outcome] += n
				}
			})
		}
	})
	g.stop()
	t.Log(outcomes)
	for _, outcome := range []string{"made", "made, not told", "not made"} {
		if outcomes[outcome] == 0 {
			t.Errorf("no change was %s", outcome)
		}
	}
}

// TestLateNames has the store carry out a request of the Data Lake endpoint late: the gateway has
// cancelled and repeated the request, and the client has continued. The late request must change
// nothing.
func TestLateNames(t *testing.T) {
	leak.CheckOf(t, gatewayCode()...)
	store := newStore(t, azstub.Options{HNS: true})
	g := newGatewayOf(t, store, patience.Scale(500*time.Millisecond))
	t.Run("each", func(t *testing.T) {
		for _, p := range []protocol{plain, overSSH} {
			c := g.dialNames(t, p)
			do := func(t *testing.T, what, name, to string) {
				t.Helper()
				if err := c.do(change{what: what, name: name, to: to}); err != nil {
					t.Fatalf("%s %s: %v", what, name, err)
				}
			}
			put := func(t *testing.T, name, content string) {
				t.Helper()
				if err := c.put(name, content); err != nil {
					t.Fatal(err)
				}
			}
			for _, tc := range []struct {
				name  string
				late  change
				first func(t *testing.T, dir string)
				next  func(t *testing.T, dir string)
			}{
				{
					"rename of a file",
					change{"rename", azstub.RenamePath, "part", "whole"},
					func(t *testing.T, dir string) { put(t, dir+"/part", "first") },
					func(t *testing.T, dir string) {
						do(t, "remove", dir+"/whole", "")
						put(t, dir+"/part", "second")
					},
				},
				{
					"rename of a directory",
					change{"rename", azstub.RenamePath, "from", "to"},
					func(t *testing.T, dir string) { do(t, "mkdir", dir+"/from", "") },
					func(t *testing.T, dir string) {
						do(t, "rmdir", dir+"/to", "")
						do(t, "mkdir", dir+"/from", "")
						put(t, dir+"/from/file", "second")
					},
				},
				{
					"new directory",
					change{"mkdir", azstub.CreateDirectory, "new", ""},
					func(*testing.T, string) {},
					func(t *testing.T, dir string) { put(t, dir+"/new/file", "content") },
				},
				{
					"removal of a directory",
					change{"rmdir", azstub.DeletePath, "old", ""},
					func(t *testing.T, dir string) { do(t, "mkdir", dir+"/old", "") },
					func(t *testing.T, dir string) { do(t, "mkdir", dir+"/old", "") },
				},
			} {
				t.Run(p.String()+" "+tc.name, func(t *testing.T) {
					dir := strings.ReplaceAll(p.String()+" "+tc.name, " ", "-")
					do(t, "mkdir", dir, "")
					tc.first(t, dir)
					late := tc.late
					if late.name = dir + "/" + late.name; late.to != "" {
						late.to = dir + "/" + late.to
					}
					now := make(chan struct{})
					store.AddRule(azstub.Rule{Kinds: []azstub.Kind{late.kind}, Container: container, Blob: late.at(), Times: 1, Fault: azstub.Late(now)})
					if err := c.do(late); err != nil {
						t.Error(err)
					}
					tc.next(t, dir)
					want := maps.Clone(store.below(dir))
					close(now)
					if err := store.Idle(t.Context()); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, store.below(dir)); diff != "" {
						t.Errorf("(-before +after):\n%s", diff)
					}
				})
			}
		}
	})
	g.stop()
}
