package main

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/tidegate/tidegate/config"
)

const (
	// settleTime is the time in which files that have changed must not change again before
	// they are read: an editor may be writing them.
	settleTime = time.Second
	// settleTries bounds how often they may change meanwhile. Then the next look decides.
	settleTries = 10
)

// contents has the sums of files by their names. A file that cannot be read has the zero
// sum.
type contents map[string]config.Sum

// watcher notices changes of the files that a configuration was made of. It compares their
// content: notifications of the file system end at the first change of a Kubernetes secret,
// and do not exist on network file systems. Its methods are called by one goroutine.
type watcher struct {
	// path is the path of the configuration.
	path string
	// known has the files of the current configuration as they were when they were read, or
	// at the last attempt to reload them.
	known contents
	// wide is true after a reload for a users file has failed. Another file may have caused
	// that, so that a change of any file except the sources starts a new attempt.
	wide bool
}

// newWatcher returns a watcher for a configuration that was loaded. It must be called before
// the files that the frontends name are read, so that no later change of them is missed.
func newWatcher(in input, l loaded) *watcher {
	w := &watcher{path: in.path, known: sumsOf(l.config.NamedFiles())}
	maps.Copy(w.known, l.env)
	for _, f := range l.config.Files {
		w.known[f.Name] = f.Sum
	}
	for _, s := range l.sources {
		w.known[s.Name] = config.SumOf(s.Bytes)
	}
	return w
}

// changed returns the files that differ from the known ones, once they no longer change, and
// notes their content as known. It returns nil for no change.
func (w *watcher) changed(ctx context.Context, c *config.Config) []string {
	if c.Reload.Watch == config.WatchNone {
		return nil
	}
	now := w.read(c)
	if len(w.difference(c, w.known, now)) == 0 {
		return nil
	}
	for range settleTries {
		if !wait(ctx, settleTime) {
			return nil
		}
		again := w.read(c)
		if len(w.difference(c, now, again)) == 0 {
			names := w.difference(c, w.known, again)
			if len(names) > 0 {
				w.known = again
			}
			return names
		}
		now = again
	}
	return nil
}

// read reads the files of a configuration, and those that were added to its directory.
func (w *watcher) read(c *config.Config) contents {
	now := sumsOf(slices.Collect(maps.Keys(w.known)))
	if c.Reload.Watch != config.WatchAll {
		return now
	}
	sources, diags := config.Read(w.path)
	if diags.HasErrors() {
		return now
	}
	for _, s := range sources {
		now[s.Name] = config.SumOf(s.Bytes)
	}
	return now
}

// difference returns the names of the watched files that differ.
func (w *watcher) difference(c *config.Config, before, after contents) []string {
	var names []string
	for name := range mergedKeys(before, after) {
		if before[name] != after[name] && w.watches(c, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// watches reports whether a change of a file is a reason to reload.
func (w *watcher) watches(c *config.Config, name string) bool {
	if c.Reload.Watch == config.WatchAll {
		return true
	}
	for _, f := range c.Files {
		if f.Name == name {
			return f.Users || w.wide
		}
	}
	return w.wide && slices.Contains(c.NamedFiles(), name)
}

// failed notes that a reload has failed.
func (w *watcher) failed() { w.wide = true }

// mergedKeys returns a map with the keys of both.
func mergedKeys(a, b contents) contents {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// sumsOf returns the sums of files.
func sumsOf(names []string) contents {
	all := contents{}
	for _, name := range names {
		all[name] = sumOf(name)
	}
	return all
}

// sumOf returns the sum of a file.
func sumOf(name string) config.Sum {
	// A pipe or a device in its place may never end.
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return config.Sum{}
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return config.Sum{}
	}
	return config.SumOf(content)
}

// wait waits for a time, and returns false when ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
