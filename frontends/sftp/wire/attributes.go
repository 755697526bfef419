package wire

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The modes of entries: a directory or a file, which its owner may change and
// everybody may read.
const (
	typeDir  = 0o040000
	ModeDir  = typeDir | 0o755
	ModeFile = 0o100000 | 0o644
)

// Attributes are those of an entry, in a request or in an answer (draft 02, 5).
// Flags says which of the others are meant. The numbers of owners, times of access and
// extended attributes are read over and never sent.
type Attributes struct {
	Flags uint32
	Size  uint64
	Mode  uint32
	// ModTime has seconds, from 1970 to 2106.
	ModTime time.Time
	// Owner and Group are shown in the line of a NAME, with the permissions of Mode; "" is
	// an entry like all others. The numbers of version 3 are not sent for them.
	Owner, Group string
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
	mode, who := "-rw-r--r--    1 ", owners
	if a.Mode&typeDir != 0 {
		mode = "drwxr-xr-x    2 "
	}
	if a.Owner != "" || a.Group != "" {
		mode, who = modeText(a.Mode)+mode[len("-rw-r--r--"):], word(a.Owner)+word(a.Group)
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
	p = append(append(p, mode...), who...)
	p = append(append(p, sizeRoom[min(len(size), len(sizeRoom)):]...), size...)
	return append(t.AppendFormat(p, layout), name...)
}

// modeText is a mode as "ls -l" prints it.
func modeText(mode uint32) string {
	text := []byte("-rwxrwxrwx")
	if mode&typeDir != 0 {
		text[0] = 'd'
	}
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			text[i+1] = '-'
		}
	}
	if mode&0o1000 != 0 {
		text[9] = map[byte]byte{'x': 't', '-': 'T'}[text[9]]
	}
	return string(text)
}

// word is a column of the line for the name of an owner or a group: one word.
func word(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf("%-8s ", cmp.Or(name, "-"))
}

const (
	// owners stand for all owners and groups, which stores do not have.
	owners = "sftp     sftp     "
	// sizeRoom is what a size is padded to.
	sizeRoom = "            "
	// recent is how old an entry with its time of day may be.
	recent = 183 * 24 * time.Hour
)
