package azblob

import "sync"

// maxReplaced bounds how many names are remembered, 1 MiB at the most.
const maxReplaced = 1024

// replaced remembers the versions that this process has put in the place of other
// ones lately. A device that stores the same name again and again then takes one
// request each time: its commit names the version that it replaces, which cannot
// be the marker of a directory. It is a guess and no cache: what the store
// says to the condition counts, and a wrong guess costs one look, as none does.
//
// The names of new files never get here, so that they do not push out the ones
// that matter. The zero value is ready. Its methods may be called concurrently.
type replaced struct {
	mu       sync.Mutex
	versions map[string]string
	// names are the keys in the order in which they came, next the oldest.
	names []string
	next  int
}

// version returns the version that a name had after it was replaced, "" when that is
// not known.
func (r *replaced) version(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.versions[name]
}

// set remembers the version of a name; "" forgets the name.
func (r *replaced) set(name, version string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.versions[name]
	switch {
	case version == "" && !known:
		return
	case known:
		// A name that was forgotten keeps its turn.
		r.versions[name] = version
		return
	case r.versions == nil:
		r.versions = map[string]string{}
	}
	if len(r.names) < maxReplaced {
		r.names = append(r.names, name)
	} else {
		delete(r.versions, r.names[r.next])
		r.names[r.next] = name
		r.next = (r.next + 1) % maxReplaced
	}
	r.versions[name] = version
}
