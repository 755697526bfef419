package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// vault remembers the texts that came in from outside, any of which may be a
// secret, and the call that brought each.
type vault struct {
	calls map[string]string
}

// minSecret is the shortest text that is kept out of diagnostics. Shorter ones
// are found in words that have nothing to do with them.
const minSecret = 6

// from wraps a function called name so that its results are remembered.
func (v *vault) from(name string, f func(string) (string, error)) func(string) (string, error) {
	return func(arg string) (string, error) {
		text, err := f(arg)
		if err != nil {
			return "", err
		}
		call := name + "(…)"
		if name != "base64decode" { // its argument is a secret itself
			call = fmt.Sprintf("%s(%q)", name, arg)
		}
		for _, t := range []string{text, strings.TrimSpace(text)} {
			if len(t) >= minSecret {
				v.calls[t] = call
			}
		}
		return text, nil
	}
}

// hide replaces what came in from outside by the call that brought it.
func (v *vault) hide(text string) string {
	// A text that holds another one goes first.
	secrets := slices.SortedFunc(maps.Keys(v.calls), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, v.calls[secret])
	}
	return text
}
