package azblob

import "sync"

// maxReplaced is how many names are remembered, which takes at most 1 MiB.
const maxReplaced = 1024

// replaced remembers the versions of the files that this process replaced last. An upload that
// replaces one of them again takes one request: its commit names the version that it replaces,
// which cannot be the marker of a directory. A remembered version is a guess: the store checks
// the condition. A wrong guess takes one lookup more, as an upload without a guess does.
//
// Names of new files are not remembered, so that they do not displace the others. The zero
// value is ready. Its methods may be called concurrently.
type replaced struct {
	mu       sync.Mutex
	versions map[string]string
	// names are the keys in the order of their insertion; next is the index of the oldest.
	names []string
	next  int
}

// version returns the version of a name after it was replaced, "" when it is not known.
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
		// A name whose version was forgotten keeps its place in names.
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
