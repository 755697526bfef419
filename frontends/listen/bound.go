package listen

import (
	"reflect"
	"strings"
)

// BoundError is returned for a configuration that a server cannot change to while its ports
// are bound.
type BoundError struct {
	// Settings are the settings that differ: "passive.listen".
	Settings []string
}

func (e *BoundError) Error() string {
	return strings.Join(e.Settings, ", ") + " cannot change while the ports are bound"
}

// Setting is a setting of a block with its present and its next value.
type Setting struct {
	Name      string
	Now, Next any
}

// Bound returns a *BoundError with the settings that differ, nil if none does.
func Bound(settings ...Setting) error {
	e := &BoundError{}
	for _, s := range settings {
		if !reflect.DeepEqual(s.Now, s.Next) {
			e.Settings = append(e.Settings, s.Name)
		}
	}
	if len(e.Settings) == 0 {
		return nil
	}
	return e
}

// Bound returns a *BoundError with the settings that next changes and that cannot change
// while the port is bound, nil if there are none. Those of every port are listed here;
// others are further ones of the protocol.
func (o Options) Bound(next Options, others ...Setting) error {
	return Bound(append([]Setting{
		{"listen", o.Address, next.Address},
		{"proxy_protocol", o.Proxies, next.Proxies},
	}, others...)...)
}
