package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// attributesOf are the attributes of an entry, with a mode that allows the usual
// access, as stores keep none. An entry without a time has none here either.
func attributesOf(i vfs.Info) wire.Attributes {
	a := wire.Attributes{Flags: wire.AttrSize | wire.AttrMode, Size: uint64(i.Size), Mode: wire.ModeFile, ModTime: i.ModTime}
	if i.IsDir() {
		a.Mode = wire.ModeDir
	}
	if !i.ModTime.IsZero() {
		a.Flags |= wire.AttrTimes
	}
	return a
}
