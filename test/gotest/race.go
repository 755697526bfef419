package main

import (
	"slices"
	"strings"
)

// untouched are packages that are built without the race detector; their callers are built with it.
// They are pure arithmetic, share no memory and start no goroutines, and the race detector slows
// them down the most. Blowfish is almost all the work of a login with a bcrypt hash: a quarter of
// the processor time of the tests of FTP.
var untouched = []string{"golang.org/x/crypto/blowfish"}

// environment returns env for a run of go test with args.
func environment(env, args []string) []string {
	if !slices.Contains(args, raceFlag) {
		return env
	}
	// The race detector reports a race when it happens. By default each test binary also
	// sleeps for a second before it exits, to find further ones. Its shadow of the memory is in
	// large pages here: faults of small ones were a fifth of the processor time of the tests of FTP.
	env = append(env, "GORACE=atexit_sleep_ms=0 no_huge_pages_for_shadow=0")
	var flags []string
	for _, v := range env {
		if own, ok := strings.CutPrefix(v, "GOFLAGS="); ok {
			flags = strings.Fields(own)
		}
	}
	// Not as arguments: the programs that tests build with the race detector are to find the same
	// packages in the cache.
	for _, p := range untouched {
		flags = append(flags, "-gcflags="+p+"=-race=false")
	}
	return append(env, "GOFLAGS="+strings.Join(flags, " "))
}
