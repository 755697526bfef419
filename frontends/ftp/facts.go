package ftp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// factNames are the facts that MLSD and MLST can report (RFC 3659, 7.5), in the
// order in which they stand.
func factNames() []string { return []string{"type", "size", "modify", "perm", "unique"} }

// usualFacts are those that are on at the start. "unique" makes lines much
// longer and few clients read it.
func usualFacts() []string { return []string{"type", "size", "modify", "perm"} }

// chooseFacts returns the facts of an OPTS MLST that we know (RFC 3659, 7.9).
func chooseFacts(list string) []string {
	var chosen []string
	wanted := strings.Split(control.Upper(list), ";")
	for _, name := range factNames() {
		if slices.Contains(wanted, control.Upper(name)) {
			chosen = append(chosen, name)
		}
	}
	return chosen
}

// mlstFeature is what FEAT says of MLST: all facts, those that are on marked.
func mlstFeature(on []string) string {
	text := ""
	for _, name := range factNames() {
		text += name
		if slices.Contains(on, name) {
			text += "*"
		}
		text += ";"
	}
	return text
}

// facts are the facts of one entry, times in UTC. kind is the type fact of a
// directory: "dir", "cdir" or "pdir".
func facts(on []string, view *vfs.View, p vfs.Path, i vfs.Info, kind string) string {
	var b strings.Builder
	for _, name := range on {
		switch {
		case name == "type" && i.IsDir():
			b.WriteString("type=" + kind + ";")
		case name == "type":
			b.WriteString("type=file;")
		case name == "size" && !i.IsDir():
			fmt.Fprintf(&b, "size=%d;", i.Size)
		case name == "modify" && !i.ModTime.IsZero():
			b.WriteString("modify=" + i.ModTime.UTC().Format(wireTime) + ";")
		case name == "perm":
			b.WriteString("perm=" + perm(view, p, i) + ";")
		case name == "unique":
			// The path is all that is certain to be of one entry only.
			sum := sha256.Sum256([]byte(p.String()))
			b.WriteString("unique=" + hex.EncodeToString(sum[:12]) + ";")
		}
	}
	return b.String()
}

// perm is the fact of the same name: what the user may try with the entry (RFC
// 3659, 7.5.5).
func perm(view *vfs.View, p vfs.Path, i vfs.Info) string {
	allowed, fixed := view.Allowed(p), view.Fixed(p)
	written := !i.IsDir() && view.MayName(p)
	letters := []struct {
		letter string
		has    bool
		needs  vfs.Permission
	}{
		{"a", written, vfs.PermWrite | vfs.PermOverwrite},
		{"c", i.IsDir(), vfs.PermWrite},
		{"d", !fixed, vfs.PermDelete},
		{"e", i.IsDir(), 0},
		{"f", !fixed, vfs.PermRename},
		{"l", i.IsDir(), vfs.PermList},
		{"m", i.IsDir(), vfs.PermMkdir},
		{"p", i.IsDir(), vfs.PermDelete},
		{"r", !i.IsDir(), vfs.PermRead},
		{"w", written, vfs.PermWrite | vfs.PermOverwrite},
	}
	text := ""
	for _, l := range letters {
		if l.has && allowed&l.needs == l.needs {
			text += l.letter
		}
	}
	return text
}
