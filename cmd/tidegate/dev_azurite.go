package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/internal/azurite"
)

// devContainer is the container that dev serves.
const devContainer = "dev"

// azuriteTime is the time in which Azurite must listen.
const azuriteTime = time.Minute

// errAzuriteEnded is the reason why dev ends when Azurite has.
var errAzuriteEnded = errors.New("azurite has ended")

// devAzurite is the Azurite that dev has started.
type devAzurite struct{ *azurite.Server }

// startDevAzurite starts Azurite with its content in dir.
func startDevAzurite(ctx context.Context, dir string) (*devAzurite, error) {
	ctx, cancel := context.WithTimeout(ctx, azuriteTime)
	defer cancel()
	installed, err := azurite.Find()
	if err != nil {
		return nil, fmt.Errorf("dev: -azurite: %w", err)
	}
	server, err := azurite.Start(ctx, azurite.Options{Package: installed, Dir: dir})
	if err != nil {
		return nil, fmt.Errorf("dev: -azurite: %w", err)
	}
	if err := server.EnsureContainer(ctx, devContainer); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return &devAzurite{server}, nil
}

// fill sets what the configuration has about Azurite.
func (a *devAzurite) fill(v *devValues) {
	v.Endpoint, v.Container, v.Key = a.Endpoint, devContainer, azurite.Key
}

// watch cancels when Azurite ends. The function that it returns ends the watch.
func (a *devAzurite) watch(cancel context.CancelCauseFunc) (stop func()) {
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-a.Exited():
			cancel(fmt.Errorf("%w: %s", errAzuriteEnded, a.Output()))
		case <-done:
		}
	}()
	return func() {
		close(done)
		<-watched
	}
}

// stop ends Azurite, after the gateway that uses it.
func (a *devAzurite) stop(p *program) {
	if err := a.Stop(); err != nil {
		fmt.Fprintf(p.stderr, "tidegate: dev: %v\n", err)
	}
}
