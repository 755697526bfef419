package main

import (
	"context"
	"path/filepath"
)

// materials writes the list of the modules that are linked into a program, as CycloneDX.
// It is read from the program itself, so it cannot differ from it.
func (r *release) materials(ctx context.Context, b built) error {
	return r.run(ctx, filepath.Join(r.root, "deploy", "release"), nil, "go", "tool", "cyclonedx-gomod",
		"bin", "-json", "-noserial", "-notimestamp", "-std", "-version", "v"+string(r.version),
		"-output", r.file("_%s_%s.cdx.json", b.os, b.arch), b.path)
}
