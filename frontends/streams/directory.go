package streams

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxRecent is how many entries a Directory remembers: one of them will be there when it
	// comes to where it was, however many were removed meanwhile.
	maxRecent = 64
	// maxAgain is how many entries are listed again. A larger directory has to be read in one
	// go.
	maxAgain = 50_000
)

// Directory is an open directory. It holds one page of the store's at a time. When it is closed
// because its place is wanted, it lists again up to where it was.
//
// It belongs to one goroutine.
type Directory struct {
	list  func() iter.Seq2[vfs.Info, error]
	place *Stream

	// next and stop are nil while nothing is open at the store.
	next func() (vfs.Info, error, bool)
	stop func()
	// ahead is the next entry; valid is false at the end, and err then says why it
	// is one.
	ahead vfs.Info
	err   error
	valid bool

	// taken counts the entries that were taken, and recent are the last ones of them, hashed
	// with seed: their names may be long, and thousands of directories may be open.
	taken  int
	recent []uint64
	seed   maphash.Seed
	// again is true when it lists again, and passing while it has not come to
	// recent.
	again, passing bool
}

// entry is what is taken of a directory once.
type entry struct {
	name string
	t    vfs.Type
}

// Directory returns a Directory that is closed. list begins a listing, whose entries come in
// the same order each time. ctx ends the wait for a place.
func (g *Group) Directory(ctx context.Context, list func() iter.Seq2[vfs.Info, error]) *Directory {
	d := &Directory{list: list, valid: true, seed: maphash.MakeSeed()}
	d.place = g.Stream(ctx, d.shut)
	return d
}

// Use calls do, which may call Ahead and Take. It first asks the store for entries if nothing
// is open there. Between the calls of Use another holder may get the place of the Directory.
func (d *Directory) Use(do func()) {
	if d.valid {
		d.place.Enter()
		defer func() { d.place.Leave(d.next != nil) }()
		if d.next == nil {
			d.open()
		}
	}
	do()
	if !d.valid {
		d.shut()
	}
}

// Ahead returns the next entry, false at the end.
func (d *Directory) Ahead() (vfs.Info, bool) { return d.ahead, d.valid }

// Err says why the entries have ended, nil when the directory has no more. Where an idle
// Directory has lost its place, and more was taken of it than is listed again, it is KindBusy.
func (d *Directory) Err() error { return d.err }

// Take goes on to the entry behind the one that Ahead returns.
func (d *Directory) Take() {
	if d.taken++; d.taken > maxAgain {
		d.place.Last()
	}
	if len(d.recent) == maxRecent {
		d.recent = append(d.recent[:0], d.recent[maxRecent/2:]...)
	}
	d.recent = append(d.recent, d.hash())
	d.step()
}

// hash is that of the entry ahead.
func (d *Directory) hash() uint64 {
	return maphash.Comparable(d.seed, entry{d.ahead.Name, d.ahead.Type})
}

// Close ends the listing.
func (d *Directory) Close() {
	d.place.End()
	d.shut()
}

// open lists from the beginning, up to the first entry that was not taken.
func (d *Directory) open() {
	if d.taken > maxAgain {
		d.valid, d.err = false, &vfs.Error{Kind: vfs.KindBusy, Reason: "too many large directories are open"}
		return
	}
	d.next, d.stop = iter.Pull2(d.list())
	d.again, d.passing = d.taken > 0, d.taken > len(d.recent)
	d.step()
}

// shut closes what is open at the store. The entry ahead will come again.
func (d *Directory) shut() {
	if d.next != nil {
		d.stop()
		d.next, d.stop = nil, nil
	}
}

// step goes on to the next entry that was not taken. A backend lists in the same order each
// time (vfs.Backend), so that after the first of those that were taken last only new ones, and
// the others of these, can come.
func (d *Directory) step() {
	for {
		d.ahead, d.err, d.valid = d.next()
		if d.err != nil {
			d.valid = false
		}
		if !d.valid {
			break
		}
		known := d.again && slices.Contains(d.recent, d.hash())
		if !known && !d.passing {
			return
		}
		d.passing = d.passing && !known
	}
	if d.err == nil && d.passing {
		d.err = vfs.NewError(vfs.KindConflict, nil)
	}
}
