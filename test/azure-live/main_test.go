package azurelive

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

var live = flag.Bool("live", false, "ask the accounts of the environment instead of the stub and Azurite")

// The exit statuses besides those of the package testing.
const (
	refused = 2
	differs = 3
)

func TestMain(m *testing.M) {
	flag.Parse()
	if !*live {
		os.Exit(m.Run())
	}
	os.Exit(inAzure(m))
}

// inAzure runs the tests in the accounts of the environment, and then removes the containers of
// the tests, also after an interruption.
func inAzure(m *testing.M) int {
	for _, name := range []string{flatVariable, hnsVariable} {
		if os.Getenv(name) == "" {
			fmt.Fprintf(os.Stderr, "azure-live: %s is not set: set %s and %s to the URLs of two storage accounts, without and with a hierarchical namespace (see CONTRIBUTING.md)\n",
				name, flatVariable, hnsVariable)
			return refused
		}
	}
	accounts, err := named()
	if err != nil {
		fmt.Fprintln(os.Stderr, "azure-live:", err)
		return refused
	}
	sweepAll := func() (code int) {
		ctx, cancel := context.WithTimeout(context.Background(), sweepTime)
		defer cancel()
		for _, a := range accounts {
			if err := a.sweep(ctx); err != nil {
				fmt.Fprintf(os.Stderr, "azure-live: containers that begin with %s may be left in %s: %v\n", prefix, a.url, err)
				code = 1
			}
		}
		return code
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupts
		sweepAll()
		os.Exit(1)
	}()
	code := m.Run()
	if left := sweepAll(); code == 0 {
		code = left
	}
	if differences.print(os.Stdout); code == 0 && differences.any() {
		code = differs
	}
	return code
}
