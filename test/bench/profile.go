package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// profileVariable is the variable with the file for the program's profile.
const profileVariable = "TIDEGATE_BENCH_PROFILE"

// profiled builds the gateway with another main function, which profiles the
// whole run and is no part of the product (testdata/main.go), and lets the
// rows run it. Profiles go to dir.
func (b *bench) profiled(ctx context.Context, dir string) error {
	const module = "github.com/tidegate/tidegate/"
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", module+"cmd/tidegate", module+"test/bench").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	product, own, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if !ok {
		return fmt.Errorf("go list: %q", out)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(product, "main.go"): filepath.Join(own, "testdata", "main.go"),
	}})
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return err
	}
	b.program = filepath.Join(b.dir, "tidegate")
	if out, err := exec.CommandContext(ctx, "go", "build", "-overlay", file, "-o", b.program, module+"cmd/tidegate").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	b.profiles, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	return os.MkdirAll(b.profiles, 0o755)
}
