package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// attributesOf are the attributes of an entry, with the owner and the mode of the store where
// it says them, and elsewhere a mode that allows the usual access. An entry without a time has
// none here either.
func attributesOf(i vfs.Info) wire.Attributes {
	a := wire.Attributes{Flags: wire.AttrSize | wire.AttrMode, Size: uint64(i.Size), Mode: wire.ModeFile, ModTime: i.ModTime}
	if i.IsDir() {
		a.Mode = wire.ModeDir
	}
	if !i.ModTime.IsZero() {
		a.Flags |= wire.AttrTimes
	}
	if i.Access != nil {
		a.Owner, a.Group = i.Access.Owner, i.Access.Group
		a.Mode = a.Mode&^0o7777 | permissionsOf(i.Access.Permissions)
	}
	return a
}

// permissionsOf returns the bits of permissions such as "rwxr-x--t", and 0 for what is none.
func permissionsOf(text string) (bits uint32) {
	for i, letter := range []byte(text[:min(len(text), 9)]) {
		if letter != '-' && letter != 'T' {
			bits |= 1 << (8 - i)
		}
		if i == 8 && (letter == 't' || letter == 'T') {
			bits |= 0o1000 // others may not remove what is in it
		}
	}
	return bits
}
