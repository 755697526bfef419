package rclone

import (
	"crypto/rand"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

// reserved begins the names that this package uses in the store: uploads that are not
// committed, old content that is being replaced, and directory markers. Clients can neither
// see nor use such names. Case is ignored, because some stores ignore it.
const reserved = ".tidegate-"

const (
	uploadPrefix   = reserved + "upload-"
	replacedPrefix = reserved + "replaced-"
	// markerName is the empty file that represents a directory in a store without
	// directories.
	markerName = reserved + "directory"
)

func isReserved(name string) bool {
	return len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved)
}

// isUpload reports whether name is that of an upload that is not committed.
func isUpload(name string) bool { return strings.HasPrefix(name, uploadPrefix) }

// remoteOf returns p in rclone's form, relative to the root and without a leading slash.
// The error is of KindInvalid when an element is reserved or one that the store cannot
// hold.
func (f facts) remoteOf(p vfs.Path) (string, error) {
	remote := p.Rel()
	for name := range strings.SplitSeq(remote, "/") {
		if f.maxName > 0 && len(name) > f.maxName {
			return "", &vfs.Error{Kind: vfs.KindInvalid, Reason: "name is too long"}
		}
		if isReserved(name) {
			return "", &vfs.Error{Kind: vfs.KindInvalid, Reason: "name is reserved"}
		}
	}
	if f.listsXML && strings.ContainsAny(remote, "\ufffe\uffff") {
		return "", &vfs.Error{Kind: vfs.KindInvalid, Reason: "name holds what the store cannot list"}
	}
	return remote, nil
}

// hiddenIn returns a unique hidden name in the directory dir.
func hiddenIn(dir, prefix string) string { return join(dir, prefix+strings.ToLower(rand.Text())) }

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// parentOf returns the directory that remote is in, "" for the root.
func parentOf(remote string) string {
	return remote[:max(0, strings.LastIndexByte(remote, '/'))]
}

func baseOf(remote string) string { return remote[strings.LastIndexByte(remote, '/')+1:] }
