package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// version is a semantic version without a v before it.
type version string

var tagged = regexp.MustCompile(`^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$`)

// versionOf returns the version of a commit. described is what `git describe` prints with
// --always and --dirty. A commit without a tag is before the first release, so that every
// release is newer; among such commits the newest has the newest version.
func versionOf(described, hash string, committed time.Time) version {
	if m := tagged.FindStringSubmatch(described); m != nil && !strings.HasSuffix(described, "-dirty") && !between.MatchString(described) {
		return version(m[1])
	}
	v := fmt.Sprintf("0.0.0-dev.%s.g%s", committed.Format("20060102150405"), hash)
	if strings.HasSuffix(described, "-dirty") {
		v += ".dirty"
	}
	return version(v)
}

// between is what `git describe` prints for a commit behind a tag.
var between = regexp.MustCompile(`-\d+-g[0-9a-f]+$`)

// file returns the version as a part of a file's name.
func (v version) file() string { return string(v) }
