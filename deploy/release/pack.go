package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // the formats of packages
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// pack writes the .deb or .rpm of a program.
func (r *release) pack(b built, format string) error {
	changelog, err := r.changelog()
	if err != nil {
		return err
	}
	text, err := os.Open(filepath.Join(r.root, "deploy", "packages", "nfpm.yaml"))
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }()
	values := map[string]string{"ARCH": b.arch, "VERSION": string(r.version), "WORK": r.work, "BINARY": b.path}
	description, err := nfpm.ParseWithEnvMapping(text, func(name string) string { return values[name] })
	if err != nil {
		return err
	}
	info, err := description.Get(format)
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	info.MTime, info.Changelog = r.time, changelog
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	info.Target = r.file("_%s.%s", b.arch, format)
	return writeFile(info.Target, func(w io.Writer) error { return packager.Package(info, w) })
}

// changelog writes the changelog of a package, which refers to that of the project, and
// returns its path.
func (r *release) changelog() (string, error) {
	path := filepath.Join(r.work, "changelog.yaml")
	text := fmt.Sprintf(`- semver: %s-1
  date: %s
  packager: Tidegate maintainers <maintainers@tidegate.invalid>
  deb:
    urgency: medium
    distributions: [stable]
  changes:
    - note: "See https://github.com/tidegate/tidegate/blob/main/CHANGELOG.md"
`, r.version, r.time.Format("2006-01-02T15:04:05Z"))
	return path, os.WriteFile(path, []byte(text), 0o600)
}
