package wire

import (
	"encoding/binary"
	"strconv"
	"time"
)

// The modes of entries: a directory or a file, which its owner may change and
// everybody may read.
const (
	typeDir  = 0o040000
	ModeDir  = typeDir | 0o755
	ModeFile = 0o100000 | 0o644
)

// Attributes are those of an entry, in a request or in an answer (draft 02, 5).
// Flags says which of the others are meant. Owners, times of access and extended
// attributes are read over and never sent.
type Attributes struct {
	Flags uint32
	Size  uint64
	Mode  uint32
	// ModTime has seconds, from 1970 to 2106.
	ModTime time.Time
}

// ParseAttributes reads attributes, which are the last field of every request
// that has some. The error is ErrMalformed.
func ParseAttributes(body []byte) (Attributes, error) {
	f := &Fields{Rest: body}
	a := Attributes{Flags: f.Uint32()}
	if a.Flags&AttrSize != 0 {
		a.Size = f.Uint64()
	}
	if a.Flags&AttrOwner != 0 {
		f.Take(8)
	}
	if a.Flags&AttrMode != 0 {
		a.Mode = f.Uint32()
	}
	if a.Flags&AttrTimes != 0 {
		f.Take(4) // the time of the last access
		a.ModTime = time.Unix(int64(f.Uint32()), 0)
	}
	if a.Flags&AttrExtended != 0 {
		for n := f.Uint32(); n > 0 && !f.Bad; n-- {
			f.Text()
			f.Text()
		}
	}
	if f.Bad {
		return a, ErrMalformed
	}
	return a, nil
}

// Attributes appends the size, the mode and the time of an entry, as Flags say.
func (p Packet) Attributes(a Attributes) Packet {
	p = p.Uint32(a.Flags & (AttrSize | AttrMode | AttrTimes))
	if a.Flags&AttrSize != 0 {
		p = p.Uint64(a.Size)
	}
	if a.Flags&AttrMode != 0 {
		p = p.Uint32(a.Mode)
	}
	if a.Flags&AttrTimes != 0 {
		t := seconds(a.ModTime)
		p = p.Uint32(t).Uint32(t)
	}
	return p
}

// seconds is a time as version 3 has it, from 1970 to 2106.
func seconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), 1<<32-1))
}

// Name appends an entry of a NAME: its name, its line as "ls -l" prints it, and
// its attributes (draft 02, 7).
func (p Packet) Name(name string, a Attributes, now time.Time) Packet {
	p = p.Text(name)
	at := len(p)
	p = p.Uint32(0).longName(name, a, now)
	binary.BigEndian.PutUint32(p[at:], uint32(len(p)-at-4))
	return p.Attributes(a)
}

// longName appends an entry as "ls -l" prints it, with the time of day unless it
// is older than half a year.
func (p Packet) longName(name string, a Attributes, now time.Time) Packet {
	mode := "-rw-r--r--    1 "
	if a.Mode&typeDir != 0 {
		mode = "drwxr-xr-x    2 "
	}
	t, layout := a.ModTime.UTC(), " Jan _2  2006 "
	if a.ModTime.IsZero() {
		t = time.Unix(0, 0).UTC()
	}
	if age := now.Sub(t); age > -time.Hour && age < recent {
		layout = " Jan _2 15:04 "
	}
	var digits [20]byte
	size := strconv.AppendUint(digits[:0], a.Size, 10)
	p = append(append(p, mode...), owners...)
	p = append(append(p, sizeRoom[min(len(size), len(sizeRoom)):]...), size...)
	return append(t.AppendFormat(p, layout), name...)
}

const (
	// owners stand for all owners and groups, which stores do not have.
	owners = "sftp     sftp     "
	// sizeRoom is what a size is padded to.
	sizeRoom = "            "
	// recent is how old an entry with its time of day may be.
	recent = 183 * 24 * time.Hour
)
