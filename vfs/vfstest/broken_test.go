package vfstest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// brokenBackend breaks one guarantee of the Backend that it wraps.
type brokenBackend struct {
	finds string // the test that must find it, "" for none
	wrap  func(vfs.Backend) vfs.Backend
}

// over changes single methods of a Backend; nil leaves a method as it is.
type over struct {
	vfs.Backend
	stat   func(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error)
	list   func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error]
	open   func(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error)
	create func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error)
	mkdir  func(ctx context.Context, p vfs.Path) error
	remove func(ctx context.Context, p vfs.Path, want vfs.Type) error
	rename func(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error
	copy   func(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error)
	caps   func() vfs.Caps
}

func (b over) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if b.stat != nil {
		return b.stat(ctx, p, want)
	}
	return b.Backend.Stat(ctx, p, want)
}

func (b over) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	if b.list != nil {
		return b.list(ctx, p)
	}
	return b.Backend.List(ctx, p)
}

func (b over) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if b.open != nil {
		return b.open(ctx, p, o)
	}
	return b.Backend.Open(ctx, p, o)
}

func (b over) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if b.create != nil {
		return b.create(ctx, p, o)
	}
	return b.Backend.Create(ctx, p, o)
}

func (b over) Mkdir(ctx context.Context, p vfs.Path) error {
	if b.mkdir != nil {
		return b.mkdir(ctx, p)
	}
	return b.Backend.Mkdir(ctx, p)
}

func (b over) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if b.remove != nil {
		return b.remove(ctx, p, want)
	}
	return b.Backend.Remove(ctx, p, want)
}

func (b over) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if b.rename != nil {
		return b.rename(ctx, from, to, o)
	}
	return b.Backend.Rename(ctx, from, to, o)
}

func (b over) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if b.copy != nil {
		return b.copy(ctx, from, to, o)
	}
	return b.Backend.Copy(ctx, from, to, o)
}

func (b over) Caps() vfs.Caps {
	if b.caps != nil {
		return b.caps()
	}
	return b.Backend.Caps()
}

// overWriter changes single methods of a Writer.
type overWriter struct {
	vfs.Writer
	write  func(p []byte) (int, error)
	commit func(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error)
	abort  func()
}

func (w overWriter) Write(p []byte) (int, error) {
	if w.write != nil {
		return w.write(p)
	}
	return w.Writer.Write(p)
}

func (w overWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	if w.commit != nil {
		return w.commit(ctx, o)
	}
	return w.Writer.Commit(ctx, o)
}

func (w overWriter) Abort() {
	if w.abort != nil {
		w.abort()
		return
	}
	w.Writer.Abort()
}

// window gives others the time to come in between, for which a real store needs
// no help.
func window() { <-time.After(time.Millisecond) }

// breaches returns all of them by name.
func breaches() map[string]brokenBackend {
	return map[string]brokenBackend{
		"none":               {"", func(b vfs.Backend) vfs.Backend { return over{Backend: b} }},
		"write-keeps-buffer": {"G1/write-keeps-no-buffer", keepsBuffer},
		"abort-commits":      {"G2/abort-keeps-old", abortCommits},
		"cancel-is-ignored":  {"G2/abort-keeps-nothing", ignoresCancel},
		"parents-too-early": {"G2/abort-keeps-no-parents", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
				_ = b.Mkdir(ctx, p.Dir())
				return b.Create(ctx, p, o)
			}}
		}},
		"partial-is-visible": {"G3/nothing-before-commit", writesInPlace},
		"rename-removes-first": {"G4/readers-beside-renames", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, rename: func(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
				_ = b.Remove(ctx, to, vfs.TypeFile)
				window()
				return b.Rename(ctx, from, to, o)
			}}
		}},
		"copy-removes-first": {"G4/readers-beside-copies", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, copy: func(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
				_ = b.Remove(ctx, to, vfs.TypeFile)
				window()
				return b.Copy(ctx, from, to, o)
			}}
		}},
		"copy-of-any-version": {"G7/copy-version", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, copy: func(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
				o.Version = ""
				return b.Copy(ctx, from, to, o)
			}}
		}},
		"copy-has-the-old-time": {"G1/copy-time", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, copy: func(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
				if source, err := b.Stat(ctx, from, vfs.TypeFile); err == nil && o.ModTime.IsZero() {
					o.ModTime = source.ModTime
				}
				return b.Copy(ctx, from, to, o)
			}}
		}},
		"list-by-number":    {"G5/list-while-changing", listsByNumber},
		"list-of-all":       {"G5/list-is-lazy", listsAll},
		"list-shows-temp":   {"G3/nothing-before-commit", showsTemp},
		"goroutine-stays":   {"G1/read-closed-early", leaves},
		"errors-plain":      {"G7/list-missing", plainErrors},
		"two-versions":      {"G8/replaced-while-read", reopens},
		"names-are-trimmed": {"G1/names-of-files", trims},
		"names-are-folded":  {"G1/names-that-look-alike", folds},
		"append-is-denied": {"G1/append", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, caps: func() vfs.Caps {
				c := b.Caps()
				c.Append = false
				return c
			}}
		}},
		"exclusive-is-claimed": {"G9/exclusive-one-wins", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
				if _, err := b.Stat(ctx, p, vfs.TypeFile); err == nil && o.Mode == vfs.ModeExclusive {
					return nil, vfs.NewError(vfs.KindExist, nil)
				}
				if o.Mode == vfs.ModeExclusive {
					o.Mode = vfs.ModeReplace
					window()
				}
				return b.Create(ctx, p, o)
			}}
		}},
		"append-loses": {"G1/append-loses-nothing", appendsBlindly},
		"prefix-is-a-directory": {"G1/names-that-begin-alike", func(b vfs.Backend) vfs.Backend {
			return over{Backend: b, list: func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
				return listByPrefix(ctx, b, p)
			}}
		}},
	}
}

func keepsBuffer(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		w, err := b.Create(ctx, p, o)
		if err != nil {
			return nil, err
		}
		var kept [][]byte
		return overWriter{
			Writer: w,
			write:  func(p []byte) (int, error) { kept = append(kept, p); return len(p), nil },
			commit: func(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
				if _, err := w.Write(bytes.Join(kept, nil)); err != nil {
					return vfs.Info{}, err
				}
				return w.Commit(ctx, o)
			},
		}, nil
	}}
}

func abortCommits(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		w, err := b.Create(ctx, p, o)
		if err != nil {
			return nil, err
		}
		return overWriter{Writer: w, abort: func() { _, _ = w.Commit(ctx, vfs.CommitOptions{}) }}, nil
	}}
}

func ignoresCancel(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		return b.Create(context.WithoutCancel(ctx), p, o)
	}}
}

// writesInPlace commits after each Write.
func writesInPlace(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		w, err := b.Create(ctx, p, o)
		if err != nil {
			return nil, err
		}
		return overWriter{Writer: w, write: func(content []byte) (int, error) {
			if v, err := b.Create(ctx, p, vfs.CreateOptions{}); err == nil {
				_, _ = v.Write(content[:len(content)/2])
				_, _ = v.Commit(ctx, vfs.CommitOptions{})
			}
			return w.Write(content)
		}}, nil
	}}
}

// listsByNumber asks for the page that begins at the n-th entry, so that
// entries move between the pages.
func listsByNumber(b vfs.Backend) vfs.Backend {
	return over{Backend: b, list: func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
		return func(yield func(vfs.Info, error) bool) {
			for n := 0; ; n++ {
				i := 0
				found := false
				for info, err := range b.List(ctx, p) {
					if err != nil {
						yield(info, err)
						return
					}
					if found = i == n; found {
						if !yield(info, nil) {
							return
						}
						break
					}
					i++
				}
				if !found {
					return
				}
			}
		}
	}}
}

func listsAll(b vfs.Backend) vfs.Backend {
	return over{Backend: b, list: func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
		return func(yield func(vfs.Info, error) bool) {
			var all []vfs.Info
			for info, err := range b.List(ctx, p) {
				if err != nil {
					yield(info, err)
					return
				}
				all = append(all, info)
			}
			for _, info := range all {
				if !yield(info, nil) {
					return
				}
			}
		}
	}}
}

// showsTemp writes into a temporary file that listings show.
func showsTemp(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		temp, err := p.Dir().Child(".temp-" + p.Base())
		if err == nil {
			if w, err := b.Create(ctx, temp, vfs.CreateOptions{}); err == nil {
				_, _ = w.Commit(ctx, vfs.CommitOptions{})
			}
		}
		return b.Create(ctx, p, o)
	}}
}

// leaves starts a goroutine for each Reader that does not end: it waits for a channel
// that is never closed.
func leaves(b vfs.Backend) vfs.Backend {
	return over{Backend: b, open: func(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
		never := make(chan struct{})
		go func() { <-never }()
		return b.Open(ctx, p, o)
	}}
}

func plainErrors(b vfs.Backend) vfs.Backend {
	return over{Backend: b, list: func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
		return func(yield func(vfs.Info, error) bool) {
			for info, err := range b.List(ctx, p) {
				if err != nil {
					err = errors.New(err.Error())
				}
				if !yield(info, err) {
					return
				}
			}
		}
	}}
}

// reopens opens the file anew for each Read.
func reopens(b vfs.Backend) vfs.Backend {
	return over{Backend: b, open: func(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
		r, err := b.Open(ctx, p, o)
		if err != nil {
			return nil, err
		}
		return &reopener{Reader: r, b: b, ctx: ctx, p: p, at: o.Offset}, nil
	}}
}

type reopener struct {
	vfs.Reader
	b   vfs.Backend
	ctx context.Context
	p   vfs.Path
	at  int64
}

func (r *reopener) Read(p []byte) (int, error) {
	again, err := r.b.Open(r.ctx, r.p, vfs.OpenOptions{Offset: r.at})
	if vfs.KindOf(err) == vfs.KindOffset && err != nil {
		return 0, io.EOF
	}
	if err != nil {
		return 0, err
	}
	n, err := again.Read(p)
	r.at += int64(n)
	return n, err
}

// renames makes a Backend that stores each name as change makes it.
func renames(b vfs.Backend, change func(string) string) vfs.Backend {
	other := func(p vfs.Path) vfs.Path {
		q := vfs.Path{}
		for name := range strings.SplitSeq(p.Rel(), "/") {
			if child, err := q.Child(change(name)); err == nil {
				q = child
			}
		}
		return q
	}
	return over{
		Backend: b,
		stat: func(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
			info, err := b.Stat(ctx, other(p), want)
			info.Name = p.Base()
			return info, err
		},
		list: func(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] { return b.List(ctx, other(p)) },
		open: func(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
			return b.Open(ctx, other(p), o)
		},
		create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
			return b.Create(ctx, other(p), o)
		},
	}
}

func trims(b vfs.Backend) vfs.Backend { return renames(b, strings.TrimSpace) }

func folds(b vfs.Backend) vfs.Backend { return renames(b, strings.ToLower) }

// appendsBlindly replaces the file by what it was at Create and the new bytes.
func appendsBlindly(b vfs.Backend) vfs.Backend {
	return over{Backend: b, create: func(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
		if o.Mode != vfs.ModeAppend {
			return b.Create(ctx, p, o)
		}
		var old []byte
		if r, err := b.Open(ctx, p, vfs.OpenOptions{}); err == nil {
			if old, err = io.ReadAll(r); err != nil {
				return nil, err
			}
		}
		window()
		w, err := b.Create(ctx, p, vfs.CreateOptions{})
		if err != nil {
			return nil, err
		}
		_, err = w.Write(old)
		return w, err
	}}
}

// listByPrefix lists like a flat store that ignores the separator: the entries of
// "ab" are also in "a".
func listByPrefix(ctx context.Context, b vfs.Backend, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		dirs := []vfs.Path{p}
		if !p.IsRoot() {
			for info, err := range b.List(ctx, p.Dir()) {
				if err != nil {
					break // the listing of p says it again
				}
				q, err := p.Dir().Child(info.Name)
				if err == nil && info.IsDir() && q != p && strings.HasPrefix(info.Name, p.Base()) {
					dirs = append(dirs, q)
				}
			}
		}
		for _, dir := range slices.Clone(dirs) {
			for info, err := range b.List(ctx, dir) {
				if !yield(info, err) {
					return
				}
			}
		}
	}
}
