package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker (-X main.version=…). Without it the build information of the
// Go tool is used.
var version = ""

// versionName returns the version, or the best substitute in the build information.
func versionName() string {
	built := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version
	}
	return cmp.Or(version, built, "(unknown)")
}

// revisionName returns the revision of the source, "" when it is not known.
func revisionName() (revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				revision += " (modified)"
			}
		}
	}
	return revision
}

// printVersion prints the version, the revision and the platform.
func (p *program) printVersion(_ context.Context, args []string) error {
	set := newFlags("version")
	asJSON := set.Bool("json", false, "print an object with version, revision, go and platform")
	if _, err := p.parse(set, args, 0, 0); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(p.stdout).Encode(map[string]string{
			"version": versionName(), "revision": revisionName(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
		})
	}
	words := strings.Fields(fmt.Sprintf("tidegate %s %s %s %s/%s", versionName(), revisionName(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
	_, err := fmt.Fprintln(p.stdout, strings.Join(words, " "))
	return err
}
