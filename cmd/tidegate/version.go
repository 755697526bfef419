package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints what the Go tool noted in the binary.
func (p *program) version(_ context.Context, args []string) error {
	if _, err := parse(p.flags("version", ""), args, 0, 0); err != nil {
		return err
	}
	version, revision := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = " " + s.Value
			case "vcs.modified":
				if s.Value == "true" {
					revision += " (modified)"
				}
			}
		}
	}
	_, err := fmt.Fprintf(p.stdout, "tidegate %s%s %s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
