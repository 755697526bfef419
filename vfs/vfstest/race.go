package vfstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tidegate/tidegate/vfs"
)

func raceTests() []suiteTest {
	return []suiteTest{
		{"G3/readers-beside-writers", testReadersBesideWriters},
		{"G3/many-files-at-once", testManyAtOnce},
		{"G4/readers-beside-renames", testReadersBesideRenames},
		{"G9/exclusive-one-wins", testExclusiveRace},
		{"G9/no-replace-one-wins", testNoReplaceRace},
		{"G1/mkdir-one-wins", testMkdirRace},
	}
}

// rounds is how often a race is run: often enough to find data races and stores
// that are not atomic, without taking too long over a slow store.
const rounds = 12

// uniform returns content of a size and of bytes that follow from n, so that
// any mixture of two of them shows.
func (e *env) uniform(n int) []byte {
	return bytes.Repeat([]byte{byte('a' + n%26)}, 1+(n*7919)%(2*e.target.BlockSize))
}

// torn says what is wrong with content that uniform made.
func torn(content []byte, info vfs.Info) error {
	switch {
	case int64(len(content)) != info.Size:
		return fmt.Errorf("%d bytes were read of a file of %d", len(content), info.Size)
	case len(content) == 0:
		return errors.New("the file is empty")
	case bytes.Count(content, content[:1]) < len(content):
		return errors.New("the content is of two versions")
	}
	return nil
}

// readAllTheTime reads p in several goroutines until the context ends and
// reports what no reader may see. Each has read at least once.
func (e *env) readAllTheTime(ctx context.Context, p vfs.Path, allowed ...vfs.Kind) *sync.WaitGroup {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for once := true; once || ctx.Err() == nil; once = false {
				content, info, err := load(e.ctx, e.b, p, vfs.OpenOptions{})
				if err == nil {
					err = torn(content, info)
				} else if kindIn(err, allowed) {
					err = nil
				}
				if err != nil {
					e.Errorf("a reader: %v", err)
					return
				}
			}
		})
	}
	return &group
}

func kindIn(err error, kinds []vfs.Kind) bool {
	for _, k := range kinds {
		if vfs.KindOf(err) == k {
			return true
		}
	}
	return false
}

// testReadersBesideWriters replaces one file from several goroutines. A store
// that does not replace atomically may show no file, never half of one.
func testReadersBesideWriters(e *env) {
	p := path("/dir/file")
	e.put("/dir/file", e.uniform(0))
	allowed := []vfs.Kind{vfs.KindConflict}
	if !e.caps.AtomicReplace {
		allowed = append(allowed, vfs.KindNotExist)
	}
	ctx, cancel := context.WithCancel(e.ctx)
	readers := e.readAllTheTime(ctx, p, allowed...)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for j := range rounds {
				_, err := store(e.ctx, e.b, p, vfs.CreateOptions{}, e.uniform(i*rounds+j))
				if err != nil && vfs.KindOf(err) != vfs.KindConflict {
					e.Errorf("a writer: %v", err)
				}
			}
		})
	}
	writers.Wait()
	cancel()
	readers.Wait()
	content, info, err := load(e.ctx, e.b, p, vfs.OpenOptions{})
	e.ok(err, "reading at the end")
	e.ok(torn(content, info), "reading at the end")
	e.wantDir("/dir", "file")
}

// testManyAtOnce works on many files side by side, while others list.
func testManyAtOnce(e *env) {
	var workers sync.WaitGroup
	for i := range 16 {
		workers.Go(func() {
			if err := e.lifeOfAFile(i); err != nil {
				e.Errorf("file %d: %v", i, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(e.ctx)
	var listers sync.WaitGroup
	for range 2 {
		listers.Go(func() {
			for once := true; once || ctx.Err() == nil; once = false {
				for _, err := range e.b.List(e.ctx, path("/")) {
					if err != nil {
						e.Errorf("listing: %v", err)
						return
					}
				}
			}
		})
	}
	workers.Wait()
	cancel()
	listers.Wait()
	want := []string{}
	for i := range 16 {
		want = append(want, fmt.Sprintf("kept-%d", i))
	}
	e.wantDir("/shared", want...)
}

// lifeOfAFile takes one file through everything, beside others.
func (e *env) lifeOfAFile(i int) error {
	p, q, kept := path(fmt.Sprintf("/shared/p-%d", i)), path(fmt.Sprintf("/shared/q-%d", i)), path(fmt.Sprintf("/shared/kept-%d", i))
	for j := range rounds / 3 {
		content := e.uniform(i + j)
		if _, err := store(e.ctx, e.b, p, vfs.CreateOptions{}, content); err != nil {
			return err
		}
		if err := e.b.Rename(e.ctx, p, q, vfs.RenameOptions{}); err != nil {
			return err
		}
		got, _, err := load(e.ctx, e.b, q, vfs.OpenOptions{})
		if err != nil {
			return err
		}
		if !bytes.Equal(got, content) {
			return fmt.Errorf("%d bytes of content %d are not what was stored", len(got), i+j)
		}
		if _, err := store(e.ctx, e.b, kept, vfs.CreateOptions{}, content); err != nil {
			return err
		}
		if err := e.b.Remove(e.ctx, q, vfs.TypeFile); err != nil {
			return err
		}
	}
	return nil
}

// testReadersBesideRenames: a file that renames replace is never missing, over any store.
func testReadersBesideRenames(e *env) {
	p := path("/dir/file")
	e.put("/dir/file", e.uniform(0))
	ctx, cancel := context.WithCancel(e.ctx)
	readers := e.readAllTheTime(ctx, p, vfs.KindConflict)
	for i := range 2 * rounds {
		e.put("/new", e.uniform(i))
		e.rename("/new", "/dir/file", vfs.RenameOptions{})
	}
	cancel()
	readers.Wait()
}

// contest runs 16 contestants at once and returns how many won and the last
// that did. The others must have lost with KindExist.
func (e *env) contest(run func(i int) error) (winners, winner int) {
	e.Helper()
	var group sync.WaitGroup
	var won, last atomic.Int64
	for i := range 16 {
		group.Go(func() {
			switch err := run(i); {
			case err == nil:
				won.Add(1)
				last.Store(int64(i))
			case vfs.KindOf(err) != vfs.KindExist:
				e.Errorf("contestant %d lost with kind %v, want %v: %v", i, vfs.KindOf(err), vfs.KindExist, err)
			}
		})
	}
	group.Wait()
	return int(won.Load()), int(last.Load())
}

// wantOneWinner checks the end of a contest for the file raw. Where
// ExclusiveCreate is not declared a race may let several win.
func (e *env) wantOneWinner(raw string, winners, winner int) {
	e.Helper()
	if winners < 1 || (e.caps.ExclusiveCreate && winners > 1) {
		e.Fatalf("%d of 16 won %q, want 1", winners, raw)
	}
	if winners == 1 {
		e.wantFile(raw, e.uniform(winner))
	}
}

func testExclusiveRace(e *env) {
	for round := range rounds / 2 {
		name := fmt.Sprintf("/dir/%d", round)
		winners, winner := e.contest(func(i int) error {
			_, err := store(e.ctx, e.b, path(name), vfs.CreateOptions{Mode: vfs.ModeExclusive}, e.uniform(i))
			return err
		})
		e.wantOneWinner(name, winners, winner)
	}
}

func testNoReplaceRace(e *env) {
	e.mkdir("/from") // stays when all of them win
	for round := range rounds / 4 {
		for i := range 16 {
			e.put(fmt.Sprintf("/from/%d", i), e.uniform(i))
		}
		name := fmt.Sprintf("/dir/%d", round)
		winners, winner := e.contest(func(i int) error {
			return e.b.Rename(e.ctx, path(fmt.Sprintf("/from/%d", i)), path(name), vfs.RenameOptions{NoReplace: true})
		})
		e.wantOneWinner(name, winners, winner)
		if left := len(e.names("/from")); left != 16-winners {
			e.Fatalf("%d of 16 won and %d sources are left", winners, left)
		}
	}
}

// testMkdirRace makes one directory from many sides: at least one makes it,
// the others find it.
func testMkdirRace(e *env) {
	winners, _ := e.contest(func(int) error { return e.b.Mkdir(e.ctx, path("/a/b/c")) })
	if winners < 1 {
		e.Fatalf("nobody made the directory")
	}
	e.wantDir("/a/b/c")
}
