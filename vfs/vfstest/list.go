package vfstest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

func listTests() []suiteTest {
	return []suiteTest{
		{"G5/list-files-and-directories", testListBoth},
		{"G5/list-many", testListMany},
		{"G5/list-stops-early", testListStopsEarly},
		{"G5/list-is-lazy", testListIsLazy},
		{"G5/list-while-changing", testListWhileChanging},
		{"G5/list-while-replacing", testListWhileReplacing},
		{"G7/list-missing", testListMissing},
		{"G7/list-file", testListFile},
	}
}

// fill stores n files of one byte in the directory, several at a time, and
// returns their names in order.
func (e *env) fill(dir, prefix string, n int) []string {
	e.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%05d", prefix, i)
	}
	if e.target.Fill == nil {
		e.each(names, func(name string) error {
			_, err := store(e.ctx, e.b, path(dir+"/"+name), vfs.CreateOptions{}, []byte("x"))
			return err
		})
		return names
	}
	var files []vfs.Path
	for _, name := range names {
		files = append(files, path(dir+"/"+name))
	}
	e.target.Fill(e.T, files)
	return names
}

// each calls f for all names, a few at a time.
func (e *env) each(names []string, f func(name string) error) {
	e.Helper()
	todo := make(chan string)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for name := range todo {
				if err := f(name); err != nil {
					e.Errorf("%q: %v", name, err)
				}
			}
		})
	}
	for _, name := range names {
		todo <- name
	}
	close(todo)
	group.Wait()
	if e.Failed() {
		e.FailNow()
	}
}

// testListBoth has names that sort between a directory and what is in it.
func testListBoth(e *env) {
	e.put("/dir/file", []byte("1"))
	e.put("/dir/sub/file", []byte("22"))
	e.put("/dir.txt", []byte("333"))
	e.put("/dir-2/file", []byte("4444"))
	e.put("/dirt", []byte("55555"))
	e.put("/di", nil)
	e.mkdir("/dir0")
	e.wantDir("/", "dir/", "dir.txt", "dir-2/", "dirt", "di", "dir0/")
	e.wantDir("/dir", "file", "sub/")
	e.wantDir("/dir/sub", "file")
	e.wantDir("/dir0")
	e.wantDir("/dir-2", "file")
}

// testListMany lists more than one page, with directories in between.
func testListMany(e *env) {
	n := 2*e.target.PageSize + 1
	want := e.fill("/many", "f", n)
	for i := range 5 {
		sub := fmt.Sprintf("f%05d-dir", i*n/5)
		e.put("/many/"+sub+"/inner", nil)
		want = append(want, sub+"/")
	}
	e.wantDir("/many", want...)
	e.wantDir("/", "many/")
	e.put("/many-more", nil)
	e.wantDir("/many", want...)
}

// testListStopsEarly leaves listings at several points; the leak check does
// the rest.
func testListStopsEarly(e *env) {
	e.fill("/many", "f", e.target.PageSize+10)
	for _, stop := range []int{1, 2, e.target.PageSize, e.target.PageSize + 1} {
		seen := 0
		for _, err := range e.b.List(e.ctx, path("/many")) {
			e.ok(err, "List")
			if seen++; seen == stop {
				break
			}
		}
	}
	e.b.List(e.ctx, path("/many")) // never ranged over
}

// testListIsLazy takes one entry, removes all others, and continues: what comes
// then was held already, and that must be about a page. A store with Caps.WholeList
// yields all.
func testListIsLazy(e *env) {
	names := e.fill("/many", "f", 4*e.target.PageSize)
	seen := 0
	for info, err := range e.b.List(e.ctx, path("/many")) {
		e.ok(err, "List after %d entries", seen)
		if seen++; seen > 1 {
			continue
		}
		e.each(names, func(name string) error {
			if name == info.Name {
				return nil
			}
			return e.b.Remove(e.ctx, path("/many/"+name), vfs.TypeFile)
		})
	}
	if e.caps.WholeList {
		if seen != len(names) {
			e.Fatalf("List had %d of %d entries at hand, want all, because Caps.WholeList says so", seen, len(names))
		}
		return
	}
	if limit := 2 * e.target.PageSize; seen > limit && !e.caps.WholeList {
		e.Fatalf("List had %d of %d entries at hand when it yielded the first, want at most %d", seen, len(names), limit)
	}
}

// testListWhileChanging removes entries between the pages, then inserts some
// that sort before all others, then does both: a listing that counts loses its
// place.
func testListWhileChanging(e *env) {
	var stays, goes []string
	for i, name := range e.fill("/many", "f", 3*e.target.PageSize) {
		if i%3 == 0 {
			goes = append(goes, name)
		} else {
			stays = append(stays, name)
		}
	}
	known := map[string]bool{}
	for _, name := range slices.Concat(stays, goes) {
		known[name] = true
	}
	removeSome := func() {
		part := goes[:len(goes)/2]
		goes = goes[len(part):]
		e.each(part, func(name string) error { return e.b.Remove(e.ctx, path("/many/"+name), vfs.TypeFile) })
	}
	insertSome := func(prefix string) {
		for _, name := range e.fill("/many", prefix, e.target.PageSize/4) {
			known[name] = true
		}
	}
	count := map[string]int{}
	seen := 0
	for info, err := range e.b.List(e.ctx, path("/many")) {
		e.ok(err, "List after %d entries", seen)
		count[info.Name]++
		switch seen++; seen {
		case e.target.PageSize / 2:
			removeSome()
		case e.target.PageSize:
			insertSome("a")
		case 2*e.target.PageSize - 1:
			removeSome()
			insertSome("b")
		}
	}
	for _, name := range stays {
		if count[name] != 1 {
			e.Errorf("%q was there all the time and is listed %d times", name, count[name])
		}
	}
	for name, n := range count {
		if n > 1 || !known[name] {
			e.Errorf("%q is listed %d times; it was ever there: %v", name, n, known[name])
		}
	}
}

// testListWhileReplacing gives every third file new content while they are listed. The
// names stay, so that each is listed once.
func testListWhileReplacing(e *env) {
	names := e.fill("/many", "f", 3*e.target.PageSize)
	var replaced []string
	for i := 0; i < len(names); i += 3 {
		replaced = append(replaced, names[i])
	}
	count := map[string]int{}
	seen := 0
	for info, err := range e.b.List(e.ctx, path("/many")) {
		e.ok(err, "List after %d entries", seen)
		count[info.Name]++
		if seen++; seen != 1 && seen != e.target.PageSize+1 {
			continue
		}
		e.each(replaced, func(name string) error {
			_, err := store(e.ctx, e.b, path("/many/"+name), vfs.CreateOptions{}, []byte("new"))
			return err
		})
	}
	for _, name := range names {
		if count[name] != 1 {
			e.Errorf("%q was there all the time, or replaced, and is listed %d times", name, count[name])
		}
	}
}

// wantListEnds ends the test unless List yields nothing but one error of one
// of the kinds.
func (e *env) wantListEnds(ctx context.Context, raw string, kinds ...vfs.Kind) error {
	e.Helper()
	var last error
	yields := 0
	err := e.soon("List", func() error {
		for _, err := range e.b.List(ctx, path(raw)) {
			yields++
			last = err
		}
		return last
	})
	e.wantKind(err, fmt.Sprintf("List(%q)", raw), kinds...)
	if yields != 1 {
		e.Fatalf("List(%q) yields %d times, want the error alone", raw, yields)
	}
	return err
}

func testListMissing(e *env) {
	e.put("/dir/file", nil)
	for _, name := range []string{"/missing", "/dir/missing", "/di", "/dir/fil", "/missing/deeper"} {
		_ = e.wantListEnds(e.ctx, name, vfs.KindNotExist)
	}
}

func testListFile(e *env) {
	info := e.put("/dir/file", []byte("content"))
	err := e.wantListEnds(e.ctx, "/dir/file", vfs.KindNotDir)
	if found := foundIn(err); found != nil {
		e.wantSame("Error.Found against Commit", *found, info)
	}
	_ = e.wantListEnds(e.ctx, "/dir/file/below", vfs.KindNotExist)
}
