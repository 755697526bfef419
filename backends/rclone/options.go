package rclone

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config/configmap"
	"github.com/rclone/rclone/fs/config/obscure"

	"github.com/tidegate/tidegate/config"
)

// optionMap is the source of a store's options: the configured ones, then our presets, then
// rclone's defaults. rclone's own map would also read RCLONE_* variables and the
// configuration file in the home directory, with precedence.
//
// Values that a store sets itself, such as a renewed token, live as long as the process.
type optionMap struct {
	known fs.Options

	mu  sync.RWMutex
	set map[string]string
}

var _ configmap.Mapper = (*optionMap)(nil)

// newOptionMap returns the map for a store whose options rclone describes by
// known. Passwords in values are plain text; they are passed to rclone in its obscured
// form.
func newOptionMap(known fs.Options, preset map[string]string, values map[string]config.Secret) (*optionMap, error) {
	m := &optionMap{known: known, set: make(map[string]string, len(preset)+len(values))}
	for name, value := range preset {
		m.set[name] = value
	}
	for name, secret := range values {
		value := secret.Reveal()
		if option := known.Get(name); option != nil && option.IsPassword && value != "" {
			obscured, err := obscure.Obscure(value)
			if err != nil {
				return nil, err
			}
			value = obscured
		}
		m.set[name] = value
	}
	return m, nil
}

func (m *optionMap) Get(name string) (string, bool) {
	m.mu.RLock()
	value, ok := m.set[name]
	m.mu.RUnlock()
	if ok {
		return value, true
	}
	return defaultOf(m.known, name)
}

// markersOption is the option that makes rclone keep directories in a store with buckets.
const markersOption = "directory_markers"

func (m *optionMap) isTrue(name string) bool {
	value, _ := m.Get(name)
	yes, err := strconv.ParseBool(value)
	return err == nil && yes
}

// with returns a copy in which one option has another value.
func (m *optionMap) with(name, value string) *optionMap {
	m.mu.RLock()
	defer m.mu.RUnlock()
	other := &optionMap{known: m.known, set: maps.Clone(m.set)}
	other.set[name] = value
	return other
}

func (m *optionMap) Set(name, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set[name] = value
}

// defaultOf returns the default of an option as text. Option.String itself
// would prefer a value that came from a variable.
func defaultOf(known fs.Options, name string) (string, bool) {
	option := known.Get(name)
	if option == nil {
		return "", false
	}
	pristine := option.Copy()
	pristine.Value = nil
	return pristine.String(), true
}

// storeNames returns the names under which the compiled-in stores can be
// configured, sorted.
func storeNames() []string {
	var names []string
	for _, store := range fs.Registry {
		if !store.Hide {
			names = append(names, store.FileName())
		}
	}
	slices.Sort(names)
	return names
}

// findStore returns the compiled-in store called name, nil when there is none.
// The short names that rclone uses for flags ("gcs") work too.
func findStore(name string) *fs.RegInfo {
	if store, err := fs.Find(strings.ToLower(name)); err == nil {
		return store
	}
	return nil
}
