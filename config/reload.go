package config

import (
	"crypto/sha256"
	"path/filepath"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Reload says which changes of files the process applies by itself.
type Reload struct {
	Watch Watch
	// Interval is the time between two looks at the files.
	Interval time.Duration
}

// Watch says which files are watched.
type Watch uint8

// The values of Watch.
const (
	// WatchUsers: the users files.
	WatchUsers Watch = iota
	// WatchAll: every file that the configuration is made of.
	WatchAll
	// WatchNone: no file.
	WatchNone
)

const (
	defaultWatchInterval = 10 * time.Second
	minWatchInterval     = time.Second
)

type reloadBlock struct {
	// The files whose changes are applied without a signal: `"users"`, the users files;
	// `"all"`, every file that the configuration is made of, with the certificates, keys and
	// host keys that it names; `"off"`, none. Default: `"users"`.
	Watch      string    `hcl:"watch,optional"`
	WatchRange hcl.Range `hcl:"watch,attr_value_range"`
	// The time between two looks at the content of the files, at least `"1s"`. Default:
	// `"10s"`.
	Interval      string    `hcl:"interval,optional"`
	IntervalRange hcl.Range `hcl:"interval,attr_value_range"`
}

func (l *loader) reload(b *hcl.Block) {
	r := &l.config.Reload
	r.Interval = defaultWatchInterval
	if b == nil {
		return
	}
	var body reloadBlock
	l.decode(b, &body)
	if body.WatchRange != (hcl.Range{}) {
		l.report(b.DefRange, OneOf("watch", body.Watch, body.WatchRange, "users", "all", "off"))
		switch body.Watch {
		case "all":
			r.Watch = WatchAll
		case "off":
			r.Watch = WatchNone
		}
	}
	if body.IntervalRange == (hcl.Range{}) {
		return
	}
	d, diags := ParseDuration(body.Interval, body.IntervalRange)
	l.report(b.DefRange, diags)
	if !diags.HasErrors() && d < minWatchInterval {
		l.problem(body.IntervalRange, "Interval too short", `Write "1s" or more. Every look reads the files.`)
		d = minWatchInterval
	}
	r.Interval = d
}

// File is a file that a configuration was made of.
type File struct {
	Name string
	// Users is true for a users file.
	Users bool
	// Sum is that of the content that was read.
	Sum Sum
}

// Sum identifies the content of a file.
type Sum [sha256.Size]byte

// SumOf returns the sum of a content.
func SumOf(content []byte) Sum { return sha256.Sum256(content) }

// Naming is implemented by bodies that name files which a reload reads again.
type Naming interface {
	// NamedFiles returns the paths of the files.
	NamedFiles() []string
}

// NamedFiles returns the paths of the files that the frontends read, such as certificates.
func (c *Config) NamedFiles() []string {
	var all []string
	for _, f := range c.Frontends {
		if n, ok := f.Config.(Naming); ok {
			all = append(all, n.NamedFiles()...)
		}
	}
	return all
}

// file is the function file() that notes what it has read.
func (l *loader) file(path string) (string, error) {
	path = l.resolve(path)
	text, err := file("", path)
	if err == nil && !l.secrets.isLoaded() {
		l.note(path, false, []byte(text))
	}
	return text, err
}

// resolve returns the path of a file whose relative paths begin in the directory of the
// configuration.
func (l *loader) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.dir, path)
}

// note adds a file that was read to the configuration.
func (l *loader) note(path string, users bool, content []byte) {
	l.config.Files = append(l.config.Files, File{path, users, SumOf(content)})
}
