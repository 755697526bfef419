package local

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "local" "…" {}`.
func Type() config.Type {
	return backends.TypeOf("local", func() Config { return Config{Fsync: true} })
}

// Config is the body of a block.
type Config struct {
	// Root is the directory that holds the files. It must exist.
	Root string `hcl:"root"`
	// Fsync writes every file to the disk, with fsync, before its upload is
	// acknowledged, so that a power failure does not lose it.
	Fsync bool `hcl:"fsync,optional"`
	// FileMode is the permission bits of new files, an octal text such as "0664",
	// regardless of the umask. A replaced or appended file is a new file. Default:
	// `"0640"`, less the umask.
	FileMode string `hcl:"file_mode,optional"`
	// DirMode is the permission bits of new directories, an octal text such as "0775",
	// regardless of the umask. Default: `"0750"`, less the umask.
	DirMode string `hcl:"dir_mode,optional"`

	RootRange     hcl.Range `hcl:"root,attr_value_range"`
	FileModeRange hcl.Range `hcl:"file_mode,attr_value_range"`
	DirModeRange  hcl.Range `hcl:"dir_mode,attr_value_range"`
}

// Validate reports an invalid root and invalid modes.
func (c *Config) Validate() hcl.Diagnostics {
	_, diags := modeOf(c.FileMode, 0o600, c.FileModeRange)
	_, dirDiags := modeOf(c.DirMode, 0o700, c.DirModeRange)
	diags = append(diags, dirDiags...)
	if c.Root != "" {
		return append(diags, c.there()...)
	}
	return append(diags, config.Problem(c.RootRange, "Empty root", `Write the directory that holds the files: root = "/srv/files".`))
}

// modeOf parses permission bits. They must include need, so that Tidegate itself can use
// the files. It returns 0 for "".
func modeOf(text string, need fs.FileMode, at hcl.Range) (fs.FileMode, hcl.Diagnostics) {
	if text == "" && at.Empty() {
		return 0, nil
	}
	bits, err := strconv.ParseUint(text, 8, 32)
	mode := fs.FileMode(bits)
	switch {
	case err != nil || bits > 0o777:
		return 0, hcl.Diagnostics{config.Problem(at, "Mode is not valid", fmt.Sprintf("Write permission bits as an octal text from \"%04o\" to \"0777\".", need))}
	case mode&need != need:
		return 0, hcl.Diagnostics{config.Problem(at, "Mode keeps Tidegate out", fmt.Sprintf("Tidegate itself needs the bits %04o: write \"%04o\".", need, mode|need))}
	}
	return mode, nil
}

// there checks that the root exists and is a directory.
func (c *Config) there() hcl.Diagnostics {
	info, err := os.Stat(c.Root)
	switch {
	case err != nil:
		return hcl.Diagnostics{config.Unreadable(c.RootRange, err)}
	case !info.IsDir():
		return hcl.Diagnostics{config.Problem(c.RootRange, "Root is no directory", c.Root+" is a file. Write the directory that holds the files.")}
	}
	return nil
}

// Open opens the directory.
func (c *Config) Open(_ context.Context, env backends.Env) (vfs.Backend, error) {
	fileMode, _ := modeOf(c.FileMode, 0o600, c.FileModeRange) // Validate has reported a wrong mode
	dirMode, _ := modeOf(c.DirMode, 0o700, c.DirModeRange)
	b, err := New(c.Root, Options{Fsync: c.Fsync, FileMode: fileMode, DirMode: dirMode, Log: env.Log})
	if err != nil {
		return nil, fmt.Errorf("root %q of backend %q: %w", c.Root, env.Name, err)
	}
	return b, nil
}
