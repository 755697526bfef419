package sftp

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// handle is a file or a directory that is open.
type handle interface {
	// add lets it answer a request, after those before.
	add(r request)
	// drop ends it without a CLOSE.
	drop()
}

// openFile is a handle of a file.
type openFile interface {
	handle
	// at is the path that it was opened at.
	at() vfs.Path
	// writes reports whether it is being written.
	writes() bool
}

// handles are the files and directories that a session has open.
type handles struct {
	mu sync.Mutex
	// byName has them by what the client calls them. last is the last name.
	byName map[string]handle
	last   uint64
	// files has, for each path, what is open there, the last one last: a path
	// that is asked for may be one that is being written.
	files map[vfs.Path][]openFile
}

// put names what was opened, and returns the name.
func (t *handles) put(h handle) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	name := strconv.FormatUint(t.last, 10)
	t.byName[name] = h
	return name
}

// any reports whether anything is open whose CLOSE has not come.
func (t *handles) any() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byName) > 0
}

// find returns what the client calls name, nil when it is nothing.
func (t *handles) find(name string) handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byName[name]
}

// take is find for the last time.
func (t *handles) take(name string) handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.byName[name]
	delete(t.byName, name)
	return h
}

// takeAll returns what the client has not closed.
func (t *handles) takeAll() []handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Collect(maps.Values(t.byName))
	clear(t.byName)
	return all
}

// track notes what is open at a path.
func (t *handles) track(f openFile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.files[f.at()] = append(t.files[f.at()], f)
}

func (t *handles) untrack(f openFile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := slices.DeleteFunc(t.files[f.at()], func(other openFile) bool { return other == f })
	t.files[f.at()] = left
	if len(left) == 0 {
		delete(t.files, f.at())
	}
}

// lookup returns the file that this session has open at p, nil when there is
// none: the last one that is being written, or else the last one.
func (t *handles) lookup(p vfs.Path) openFile {
	t.mu.Lock()
	defer t.mu.Unlock()
	var last openFile
	for _, f := range t.files[p] {
		if f.writes() || last == nil || !last.writes() {
			last = f
		}
	}
	return last
}
