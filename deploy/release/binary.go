package main

import (
	"context"
	"path/filepath"
)

// built is the program for one platform.
type built struct {
	platform
	path string
}

// build compiles the program for a platform.
func (r *release) build(ctx context.Context, p platform) (built, error) {
	name := "tidegate"
	if p.os == "windows" {
		name += ".exe"
	}
	b := built{p, filepath.Join(r.work, p.os, p.arch, name)}
	return b, r.compile(ctx, []string{"GOOS=" + p.os, "GOARCH=" + p.arch}, b.path)
}

// compile compiles the program, for this machine unless environment names a platform. It
// contains neither the paths of this machine nor a C library.
func (r *release) compile(ctx context.Context, environment []string, path string) error {
	return r.run(ctx, r.root, append(environment, "GOTOOLCHAIN="+r.toolchain, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0"),
		"go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -X main.version=v"+string(r.version), "-o", path, "./cmd/tidegate")
}
