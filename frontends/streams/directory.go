package streams

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxAgain is how many entries are listed again. A larger directory has to be read in one
	// go.
	maxAgain = 50_000
	// fewTaken is how many entries are remembered in any case. From there on, memory is taken
	// for moreTaken entries at a time.
	fewTaken, moreTaken = 64, 512
	hashBytes           = 8
)

// Directory is an open directory. It holds one page of the store's at a time. When it is closed
// because its place is wanted, it lists again and leaves out what was taken before: a store may
// list in any order, and entries may come and go meanwhile.
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

	// taken are the entries that were taken, hashed with seed: their names may be long, and
	// thousands of directories may be open. The first sorted ones of them are sorted: what was
	// taken before it was opened for the last time. There is memory for room of them.
	taken        []uint64
	sorted, room int
	seed         maphash.Seed
	bytes        *memory.Lease
	// last is true when it cannot be listed again.
	last bool
}

// entry is what is taken of a directory once.
type entry struct {
	name string
	t    vfs.Type
}

// Directory returns a Directory that is closed. list begins a listing. ctx ends the wait for a
// place.
func (g *Group) Directory(ctx context.Context, list func() iter.Seq2[vfs.Info, error]) *Directory {
	d := &Directory{list: list, valid: true, seed: maphash.MakeSeed(), room: fewTaken, bytes: g.o.Memory.Open()}
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
// Directory has lost its place, and more was taken of it than is remembered, it is KindBusy.
func (d *Directory) Err() error { return d.err }

// Take goes on to the entry behind the one that Ahead returns.
func (d *Directory) Take() {
	if !d.last {
		d.remember()
	}
	d.step()
}

// remember adds the entry ahead to those that were taken, if there is memory for it.
func (d *Directory) remember() {
	if len(d.taken) == d.room && len(d.taken) < maxAgain && d.bytes.TryAcquire(moreTaken*hashBytes) {
		d.room += moreTaken
		d.taken = slices.Grow(d.taken, moreTaken)
	}
	if len(d.taken) < min(d.room, maxAgain) {
		d.taken = append(d.taken, d.hash())
		return
	}
	d.last = true
	d.place.Last()
	if d.sorted == 0 { // otherwise some of them may come yet
		d.taken = nil
		d.bytes.Release(int64(d.room-fewTaken) * hashBytes)
	}
}

// hash is that of the entry ahead.
func (d *Directory) hash() uint64 {
	return maphash.Comparable(d.seed, entry{d.ahead.Name, d.ahead.Type})
}

// Close ends the listing.
func (d *Directory) Close() {
	d.place.End()
	d.bytes.Close()
	d.shut()
}

// open lists from the beginning, up to the first entry that was not taken.
func (d *Directory) open() {
	if d.last {
		d.valid, d.err = false, &vfs.Error{Kind: vfs.KindBusy, Reason: "too many large directories are open"}
		return
	}
	slices.Sort(d.taken)
	d.sorted = len(d.taken)
	d.next, d.stop = iter.Pull2(d.list())
	d.step()
}

// shut closes what is open at the store. The entry ahead will come again.
func (d *Directory) shut() {
	if stop := d.stop; stop != nil {
		d.next, d.stop = nil, nil
		stop()
	}
}

// step goes on to the next entry that was not taken.
func (d *Directory) step() {
	for {
		d.ahead, d.err, d.valid = d.next()
		if d.err != nil {
			d.valid = false
		}
		if !d.valid {
			return
		}
		if _, again := slices.BinarySearch(d.taken[:d.sorted], d.hash()); d.sorted == 0 || !again {
			return
		}
	}
}
