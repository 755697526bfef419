package config

import (
	"errors"
	"fmt"
	"os"

	"github.com/tidegate/tidegate/internal/ephemeral"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// Options are what a configuration depends on beside its sources.
type Options struct {
	// Host is the memory that the process may have on the machine that will serve. The
	// default of transfers.memory is derived from it. The zero Limit means a host with
	// enough memory.
	Host hostmemory.Limit
	// Env holds variables that the function env finds before those of the environment.
	Env map[string]string
	// AllowMissingEnv makes a variable that is not set a warning. Values that depend on it
	// are not checked, and the Config does not have them.
	AllowMissingEnv bool
	// EphemeralPort reports whether the kernel of the machine that will serve gives a port
	// to outgoing connections. nil stands for an unchanged Linux.
	EphemeralPort func(port int) bool
}

// errNotSet is the error for a variable of the environment that is not set.
var errNotSet = errors.New("is not set")

// env returns a variable of the environment.
func (o *Options) env(name string) (string, error) {
	value, ok := o.Env[name]
	if !ok {
		value, ok = os.LookupEnv(name)
	}
	if !ok {
		return "", fmt.Errorf("the environment variable %q %w", name, errNotSet)
	}
	return inText(value)
}

// ephemeralPort is EphemeralPort with its default.
func (o *Options) ephemeralPort(port int) bool {
	if o.EphemeralPort == nil {
		return ephemeral.Default(port)
	}
	return o.EphemeralPort(port)
}
