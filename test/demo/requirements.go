package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tidegate/tidegate/internal/azurite"
	"github.com/tidegate/tidegate/internal/portholder"
)

// programs are those that the demo starts.
type programs struct {
	tidegate, haproxy string
	// azurite is the directory of the package of npm.
	azurite string
	// prometheus is "" where it is not installed.
	prometheus string
}

// findPrograms finds the programs, or says how to install all that are missing.
func findPrograms(o options) (p programs, err error) {
	var missing []string
	if p.tidegate, err = filepath.Abs(o.program); err != nil {
		return p, err
	}
	if _, err := os.Stat(p.tidegate); err != nil {
		missing = append(missing, "tidegate: make build")
	}
	// Debian has it where only root has a PATH to.
	for _, name := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if path, err := exec.LookPath(name); err == nil {
			p.haproxy = path
			break
		}
	}
	if p.haproxy == "" {
		missing = append(missing, "haproxy: apt install haproxy")
	}
	p.azurite = filepath.Join(o.root, "test", "azurite", "node_modules", "azurite")
	if _, err := os.Stat(p.azurite); err != nil {
		if p.azurite, err = azurite.Find(); err != nil {
			missing = append(missing, err.Error())
		}
	} else if _, err := exec.LookPath("node"); err != nil {
		missing = append(missing, "node: apt install nodejs")
	}
	if len(missing) > 0 {
		return p, fmt.Errorf("programs are missing:\n  %s", strings.Join(missing, "\n  "))
	}
	p.prometheus, _ = exec.LookPath("prometheus") // it is not needed
	return p, nil
}

// errNoLoopback is the error of systems that have only 127.0.0.1.
var errNoLoopback = errors.New("the system has only 127.0.0.1; macOS gets further addresses with: sudo ifconfig lo0 alias 127.0.0.11 (and .12, .13)")

// checkPorts reports the ports that are not free.
func checkPorts(addresses []string, base int) error {
	for _, addr := range addresses {
		l, err := net.Listen("tcp", addr)
		switch {
		case err == nil:
			if err := l.Close(); err != nil {
				return err
			}
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			return errNoLoopback
		case errors.Is(err, syscall.EADDRINUSE):
			holder := "another program"
			if failed, ok := errors.AsType[*net.OpError](err); ok {
				holder = portholder.Of(failed.Addr)
			}
			return fmt.Errorf("%s is in use by %s; stop it, or choose other ports: make demo ARGS='-ports %d'", addr, holder, base+1000)
		default:
			return err
		}
	}
	return nil
}
