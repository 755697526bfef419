package rclone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/loglimit"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/storemetrics"
	"github.com/tidegate/tidegate/vfs"
)

// Options configure a Backend.
type Options struct {
	// Store is rclone's name of the kind of store: "s3".
	Store string
	// Root is the directory in the store that is the root here, in the form
	// that the kind of store wants: "bucket/prefix" or "/srv/files".
	Root string
	// Values are the store's own options; passwords are plain.
	Values map[string]config.Secret
	// RenameEntries is the largest number of entries below a directory that is renamed by
	// copying.
	RenameEntries int
	// Memory is the process's, nil is no limit. Ledger counts the shares of the process, nil
	// is none.
	Memory *memory.Parts
	Ledger *fairshare.Ledger
	// Log gets lines about events of which the client is not informed.
	Log *slog.Logger
	// Name is that of the backend, Metrics the registry in which its calls are counted; nil is
	// one that nobody reads.
	Name    string
	Metrics *metrics.Registry
}

// Backend is a store that rclone reaches. writer.mu, incoming.mu and optionMap.mu are never
// held together.
type Backend struct {
	// files is the store, and features are its features. dirs is the same store, except
	// where rclone keeps directories as markers. There dirs keeps markers and files does
	// not: with markers rclone would look for the parent's marker with every upload and
	// create it before the first byte, so an aborted upload would leave directories.
	files    fs.Fs
	dirs     fs.Fs
	features *fs.Features
	facts    facts
	// settings carries rclone's settings for every call. Cancelling it ends the store's
	// background work.
	settings context.Context
	stop     context.CancelFunc

	// memory is the process's, streamBytes what an upload that streams takes of it, and shares
	// has who may take it; nil is everybody.
	memory      *memory.Parts
	streamBytes int64
	shares      *shares

	caps          vfs.Caps
	renameEntries int
	log           *slog.Logger
	metrics       *storemetrics.Metrics
	refusals      *loglimit.Limiter[string]
}

var _ vfs.Backend = (*Backend)(nil)

// Open opens the store and checks that its root is there and can be listed. Only for the
// memory store it creates the root. ctx governs only the opening.
func Open(ctx context.Context, o Options) (*Backend, error) {
	prepareProcess(o.Log)
	store := findStore(o.Store)
	if store == nil {
		return nil, vfs.NewError(vfs.KindInvalid, fmt.Errorf("no store %q is compiled in", o.Store))
	}
	facts := factsOf(store.Name)
	options, err := newOptionMap(store.Options, facts.presetsFor(store.Options), o.Values)
	if err != nil {
		return nil, vfs.NewError(vfs.KindInvalid, err)
	}

	// Stores keep the context and the settings with which they were created, so both must
	// outlive ctx.
	base, settings := fs.AddConfig(context.Background())
	base, stop := context.WithCancel(base)
	keep := context.AfterFunc(ctx, stop)
	dirs, err := store.NewFs(base, o.Store, o.Root, options)
	files := dirs
	if err == nil && dirs.Features().BucketBased && options.isTrue(markersOption) {
		files, err = store.NewFs(base, o.Store, o.Root, options.with(markersOption, "false"))
	}
	if !keep() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		stop()
		if errors.Is(err, fs.ErrorIsFile) {
			err = &vfs.Error{Kind: vfs.KindNotDir, Reason: "the root is a file", Err: err}
		}
		return nil, mapError(err)
	}

	b := &Backend{
		files: files, dirs: dirs, features: files.Features(), facts: facts,
		settings: base, stop: stop,
		memory: o.Memory, streamBytes: facts.streamBytes(options), shares: newShares(o.Ledger, o.Memory),
		renameEntries: o.RenameEntries,
		log:           o.Log,
		metrics:       storemetrics.New(o.Metrics, "rclone."+o.Name),
		refusals:      newRefusals(o.Log),
	}
	// Where reading a modification time costs a request for each file, the store's own time
	// is used instead. No call has used the store yet.
	settings.UseServerModTime = b.features.SlowModTime
	b.caps = b.findCaps()
	if err := b.checkRoot(ctx, o.Root); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// presetsFor returns the presets without those for options that the store no longer has.
func (f facts) presetsFor(known fs.Options) map[string]string {
	presets := make(map[string]string, len(f.preset))
	for name, value := range f.preset {
		if known.Get(name) != nil {
			presets[name] = value
		}
	}
	return presets
}

// checkRoot reports a store that cannot be used. It creates nothing: a missing bucket or
// directory is a mistake in the configuration. A store with buckets needs a bucket in its
// root, because no file can be stored outside of one.
func (b *Backend) checkRoot(ctx context.Context, root string) error {
	if b.features.BucketBased && b.files.Root() == "" {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: "the root must begin with the bucket", Err: fmt.Errorf("root is %q", root)}
	}
	// With markers an empty prefix could not be distinguished from a missing bucket.
	err := b.pagesOf(ctx, b.files, "", func(fs.DirEntry) bool { return false })
	if errors.Is(err, fs.ErrorDirNotFound) {
		if b.facts.volatile {
			return mapError(b.makeOneDir(b.with(ctx), ""))
		}
		reason := "the root does not exist, create it first"
		if b.features.BucketBased {
			reason = "the bucket or container in the root does not exist, create it first"
		}
		return &vfs.Error{Kind: vfs.KindNotExist, Reason: reason, Err: err}
	}
	return b.mapError(err)
}

func (b *Backend) findCaps() vfs.Caps {
	precision := b.files.Precision()
	if precision >= fs.ModTimeNotSupported || b.features.SlowModTime {
		precision = 0
	}
	place := b.facts.directPut ||
		b.features.Move != nil && b.facts.move == moveReplaces ||
		b.features.Move == nil && b.facts.atomicCopy
	return vfs.Caps{
		AtomicReplace: place,
		// A store that keeps times gives a copy the time of its source and can change it
		// only afterwards.
		Copy:            b.features.Copy != nil && b.facts.atomicCopy && precision == 0,
		SetModTime:      precision > 0,
		RenameDir:       b.features.DirMove != nil || b.features.Copy != nil,
		AtomicRenameDir: b.features.DirMove != nil && b.facts.atomicDirMove,
		KeepsParents:    b.features.CanHaveEmptyDirectories,
		WholeList:       b.dirs.Features().ListP == nil || b.facts.locksPages,
		TimePrecision:   precision,
	}
}

// Caps returns the facts about the store, from rclone and facts.go.
func (b *Backend) Caps() vfs.Caps { return b.caps }

// Close ends the store's background work. Idle HTTP connections stay open: rclone shares
// them in the process.
func (b *Backend) Close() error {
	defer b.refusals.Close()
	defer b.stop()
	ctx, cancel := context.WithTimeout(b.settings, grace)
	defer cancel()
	var errs []error
	for _, f := range slices.Compact([]fs.Fs{b.files, b.dirs}) {
		if shutdown := f.Features().Shutdown; shutdown != nil {
			errs = append(errs, b.mapError(shutdown(ctx)))
		}
	}
	return errors.Join(errs...)
}

// keepsDirs reports whether rclone keeps empty directories in this store; otherwise this
// package writes a marker.
func (b *Backend) keepsDirs() bool { return b.dirs.Features().CanHaveEmptyDirectories }

// with returns ctx with rclone's settings. Every call into rclone needs them; without them
// rclone would use settings that RCLONE_* variables change.
func (b *Backend) with(ctx context.Context) context.Context { return fs.CopyConfig(ctx, b.settings) }

// grace is how long work may continue that must be finished after its context has ended:
// deleting the parts of an aborted upload, finishing a replacement, cleaning up.
const grace = 10 * time.Second

// lasting returns a context for work that must be finished even after ctx has ended.
func (b *Backend) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(b.with(ctx)), grace)
}
