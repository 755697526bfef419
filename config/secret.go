package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Secret is a string that must not be shown. Printing, logging and marshalling it show a
// placeholder; only Reveal returns the text.
type Secret string

const redacted = "(secret)"

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

func (Secret) String() string { return redacted }

// GoString keeps %#v from showing the text.
func (Secret) GoString() string { return redacted }

// Format keeps every other verb from showing it.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON writes the placeholder.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// LogValue writes the placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
