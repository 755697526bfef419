package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
)

// main runs the program under the CPU profiler. The benchmark builds it in the
// place of the product's main.go. On SIGUSR1 it writes a profile of the memory.
func main() {
	path := os.Getenv("TIDEGATE_BENCH_PROFILE")
	f, err := os.Create(path + ".cpu")
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	snapshot := make(chan os.Signal, 1)
	signal.Notify(snapshot, syscall.SIGUSR1)
	go func() {
		for range snapshot {
			writeHeap(path + ".heap")
		}
	}()
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	pprof.StopCPUProfile()
	os.Exit(status)
}

func writeHeap(path string) {
	f, err := os.Create(path)
	if err == nil {
		runtime.GC()
		err = pprof.WriteHeapProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
