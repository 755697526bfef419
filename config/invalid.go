package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Invalid is the error about a configuration that cannot be served.
type Invalid struct {
	// Problems are its problems without the warnings, each with its place.
	Problems []string
}

// InvalidOf returns the error about the problems among diags, nil where there are only warnings.
func InvalidOf(diags Diagnostics) *Invalid {
	e := &Invalid{}
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		text := d.Summary + ": " + d.Detail
		if d.Subject != nil {
			text = place(*d.Subject) + ": " + text
		}
		e.Problems = append(e.Problems, printable([]byte(text)))
	}
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// Count says how many problems there are.
func (e *Invalid) Count() string {
	if len(e.Problems) == 1 {
		return "the configuration has a problem"
	}
	return fmt.Sprintf("the configuration has %d problems", len(e.Problems))
}

// Error says what they are, too.
func (e *Invalid) Error() string { return e.Count() + ": " + strings.Join(e.Problems, " / ") }
