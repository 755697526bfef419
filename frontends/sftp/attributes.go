package sftp

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// The flags of attributes (draft 02, 5).
const (
	attrSize     = 1 << 0
	attrOwner    = 1 << 1
	attrMode     = 1 << 2
	attrTimes    = 1 << 3
	attrExtended = 1 << 31
)

// The modes that entries are told with. Stores keep none.
const (
	modeDir  = 0o040000
	modeFile = 0o100000
	dirMode  = modeDir | 0o755
	fileMode = modeFile | 0o644
)

// attributes are what a SETSTAT sets. Modes are taken and not kept.
type attributes struct {
	flags uint32
	size  uint64
	mtime time.Time
}

// parseAttributes reads the attributes of a request.
func parseAttributes(body []byte) (attributes, error) {
	f := &fields{rest: body}
	a := attributes{flags: f.uint32()}
	if a.flags&attrSize != 0 {
		a.size = f.uint64()
	}
	if a.flags&attrOwner != 0 {
		f.take(8)
	}
	if a.flags&attrMode != 0 {
		f.take(4)
	}
	if a.flags&attrTimes != 0 {
		f.take(4) // when it was read
		a.mtime = time.Unix(int64(f.uint32()), 0)
	}
	if a.flags&attrExtended != 0 {
		for n := f.uint32(); n > 0 && !f.bad; n-- {
			f.string()
			f.string()
		}
	}
	if f.bad {
		return a, vfs.NewError(vfs.KindInvalid, errPacket)
	}
	return a, nil
}

// attributes appends what an entry is (draft 02, 5). Version 3 tells times in
// seconds since 1970; an entry that has none is told without.
func (p packet) attributes(i vfs.Info) packet {
	flags, mode := uint32(attrSize|attrMode), uint32(fileMode)
	if i.IsDir() {
		mode = dirMode
	}
	if !i.ModTime.IsZero() {
		flags |= attrTimes
	}
	p = p.uint32(flags).uint64(uint64(i.Size)).uint32(mode)
	if flags&attrTimes != 0 {
		p = p.uint32(seconds(i.ModTime)).uint32(seconds(i.ModTime))
	}
	return p
}

// seconds is a time as version 3 tells it, from 1970 to 2106.
func seconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), 1<<32-1))
}

// name appends an entry of a NAME packet: its name, its line as ls -l prints it,
// and its attributes (draft 02, 7).
func (p packet) name(i vfs.Info, now time.Time) packet {
	p = p.string(i.Name)
	at := len(p)
	p = p.uint32(0).longName(i, now)
	binary.BigEndian.PutUint32(p[at:], uint32(len(p)-at-4))
	return p.attributes(i)
}

// longName appends an entry as ls -l prints it, with the time of day for what is
// not older than half a year.
func (p packet) longName(i vfs.Info, now time.Time) packet {
	mode := "-rw-r--r--    1 "
	if i.IsDir() {
		mode = "drwxr-xr-x    2 "
	}
	t, layout := i.ModTime.UTC(), " Jan _2  2006 "
	if i.ModTime.IsZero() {
		t = time.Unix(0, 0).UTC()
	}
	if age := now.Sub(t); age > -time.Hour && age < recent {
		layout = " Jan _2 15:04 "
	}
	var digits [20]byte
	size := strconv.AppendInt(digits[:0], i.Size, 10)
	p = append(append(p, mode...), owners...)
	p = append(append(p, sizeRoom[min(len(size), len(sizeRoom)):]...), size...)
	return append(t.AppendFormat(p, layout), i.Name...)
}

const (
	// owners stand for all owners and groups, which stores do not have.
	owners = "sftp     sftp     "
	// sizeRoom is what a size is padded to.
	sizeRoom = "            "
)

// recent is how old what is listed with its time of day may be.
const recent = 183 * 24 * time.Hour
