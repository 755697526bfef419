package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"time"

	"github.com/tidegate/tidegate/test/launch"
)

// process is a server in a process of its own, which the end of its command's
// context kills.
type process struct {
	*launch.Program
	// addresses are where its frontends listen, by their names in the log.
	addresses map[string]string
}

// start starts a server and waits until each of these frontends listens.
func start(ctx context.Context, cmd *exec.Cmd, frontends ...string) (*process, error) {
	program, err := launch.Run(cmd)
	if err != nil {
		return nil, err
	}
	p := &process{program, map[string]string{}}
	for _, f := range frontends {
		if p.addresses[f], err = program.Addr(ctx, f); err != nil {
			program.Kill()
			return nil, err
		}
	}
	return p, nil
}

// startSilent starts a server that listens at an address and does not say so.
func startSilent(ctx context.Context, cmd *exec.Cmd, frontend, address string) (*process, error) {
	program, err := launch.Run(cmd)
	if err != nil {
		return nil, err
	}
	p := &process{program, map[string]string{frontend: address}}
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return p, c.Close()
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			program.Kill()
			return nil, errors.Join(err, fmt.Errorf("%v", program))
		}
	}
}

// negotiated is the cipher of the SSH connection that logged in last, "" when
// none has.
func (p *process) negotiated() string { return lastCipher(p.Lines(launch.Wrote("login succeeded"))) }

func lastCipher(lines []string) (cipher string) {
	for _, line := range lines {
		var entry struct{ Cipher string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Cipher != "" {
			cipher = entry.Cipher
		}
	}
	return cipher
}

func (p *process) usage() (usage, error) { return usageOf(p.PID()) }
