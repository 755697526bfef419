package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// secrets holds the texts from outside, each of which may be a secret, the texts that
// functions made of them, and the call that returned each.
//
// After the load, the expressions that users inherit are evaluated again for each user that an
// authority describes, for several at a time. The functions then return what they returned
// during the load, and nothing more is remembered.
type secrets struct {
	mu      sync.Mutex
	calls   map[string]string
	results map[call]string
	loaded  bool
}

// call is a call of a function.
type call struct{ function, argument string }

func newSecrets() *secrets {
	return &secrets{calls: map[string]string{}, results: map[call]string{}}
}

// endLoad says that the configuration is loaded.
func (s *secrets) endLoad() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = true
}

// isLoaded reports whether the configuration is loaded.
func (s *secrets) isLoaded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded
}

// result returns what a call has returned before.
func (s *secrets) result(c call) (text string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok = s.results[c]
	return text, ok
}

// minSecret is the length of the shortest text that is replaced everywhere in diagnostics.
// Shorter ones also occur in unrelated words; they are replaced only in quotes.
const minSecret = 6

// maxLines is how many lines of a text are remembered one by one.
const maxLines = 1000

// from wraps a function called name so that its results are remembered, and the function is
// called once for each argument.
func (s *secrets) from(name string, f func(string) (string, error)) func(string) (string, error) {
	return func(arg string) (string, error) {
		if text, ok := s.result(call{name, arg}); ok {
			return text, nil
		}
		text, err := f(arg)
		if err != nil || s.isLoaded() {
			return text, err
		}
		shown := name + "(…)"
		if name != "base64decode" { // its argument is itself a secret
			shown = fmt.Sprintf("%s(%s)", name, s.hide(strconv.Quote(arg)))
		}
		s.remember(text, shown)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.results[call{name, arg}] = text
		return text, nil
	}
}

// remember registers a text in each form in which a diagnostic may quote it: unchanged, in
// quotes, without the white space around it, and line by line.
func (s *secrets) remember(text, shown string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.SplitN(text, "\n", maxLines)
	for _, t := range append(lines, text, strings.TrimSpace(text)) {
		t = strings.TrimSuffix(t, "\r")
		if t == "" {
			continue
		}
		quoted := strconv.Quote(t)
		if len(t) < minSecret {
			s.calls[quoted] = shown
			continue
		}
		s.calls[t] = shown
		s.calls[quoted[1:len(quoted)-1]] = shown
	}
}

// derived wraps a function called name so that its result is remembered when an argument
// holds a remembered text.
func (s *secrets) derived(name string, f function.Function) function.Function {
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type:     f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			result, err := f.Call(args)
			if err == nil && !s.isLoaded() && slices.ContainsFunc(args, s.holds) {
				for _, text := range textsIn(result) {
					s.remember(text, name+"(…)")
				}
			}
			return result, err
		},
	})
}

// holds reports whether a value contains a remembered text.
func (s *secrets) holds(value cty.Value) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(textsIn(value), func(text string) bool {
		quoted := strconv.Quote(text)
		for secret := range s.calls {
			if strings.Contains(text, secret) || quoted == secret {
				return true
			}
		}
		return false
	})
}

// textsIn returns the texts in the known parts of a value.
func textsIn(value cty.Value) []string {
	var all []string
	_ = cty.Walk(value, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
			all = append(all, v.AsString())
		}
		return true, nil
	})
	return all
}

// literals remembers the literals in secret arguments of a source.
func (s *secrets) literals(src []byte) {
	for _, lit := range literalsOf(src) {
		if text := string(src[lit.start:lit.end]); lit.secret && len(strings.TrimSpace(text)) >= minSecret {
			s.remember(text, "(secret)")
		}
	}
}

// hide replaces each remembered text by the call that returned it.
func (s *secrets) hide(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Longer texts are replaced first, because they may contain shorter ones.
	texts := slices.SortedFunc(maps.Keys(s.calls), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	for _, secret := range texts {
		text = strings.ReplaceAll(text, secret, s.calls[secret])
	}
	return text
}
