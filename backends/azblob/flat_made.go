package azblob

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// madeDirs are the directories that clients made where no markers are written
// (MarkersNone). Only this process knows the empty ones, so that a client that makes a
// directory can enter it, list it and remove it. A Backend remembers nothing but this and
// replaced. A nil madeDirs remembers nothing.
type madeDirs struct {
	mu    sync.Mutex
	names map[string]time.Time // when they were made
	order []string             // oldest first
}

// maxMadeDirs is how many are remembered. The oldest are forgotten: most of them contain
// files by then.
const maxMadeDirs = 1000

// add remembers a directory, and returns false when it is known already.
func (m *madeDirs) add(name string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.names[name]; known {
		return false
	}
	if len(m.order) >= maxMadeDirs {
		delete(m.names, m.order[0])
		m.order = m.order[1:]
	}
	m.names[name] = at
	m.order = append(m.order, name)
	return true
}

// remove forgets a directory.
func (m *madeDirs) remove(name string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(name)
}

// forget is remove with m.mu held.
func (m *madeDirs) forget(name string) {
	if _, known := m.names[name]; known {
		delete(m.names, name)
		m.order = slices.DeleteFunc(m.order, func(n string) bool { return n == name })
	}
}

// at returns when the directory was made, the zero time when it is not known, and
// whether directories below it are known.
func (m *madeDirs) at(name string) (made time.Time, below bool) {
	if m == nil {
		return time.Time{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for known := range m.names {
		below = below || parentOf(name, known)
	}
	return m.names[name], below
}

// has reports whether the directory or one below it is known.
func (m *madeDirs) has(name string) bool {
	made, below := m.at(name)
	return below || !made.IsZero()
}

// children returns the names of the entries of a directory that are known or contain known
// directories.
func (m *madeDirs) children(dir string) map[string]time.Time {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]time.Time{}
	for name, at := range m.names {
		if rest, below := strings.CutPrefix(name, dirPrefix(dir)); below {
			child, _, _ := strings.Cut(rest, delimiter)
			all[child] = at
		}
	}
	return all
}

// move renames a directory and all directories below it.
func (m *madeDirs) move(src, dst string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, name := range m.order {
		if name == src || parentOf(src, name) {
			at := m.names[name]
			delete(m.names, name)
			m.order[i] = dst + strings.TrimPrefix(name, src)
			m.names[m.order[i]] = at
		}
	}
}
