package notify

import (
	"context"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// event returns an event of a View.
func event(op, path, to string, of vfs.Type) vfs.Event {
	e := vfs.Event{Op: op, Path: vfs.MustParse(path), Backend: "memory.m", Receipt: &vfs.Receipt{Type: of, Size: 3}}
	if to != "" {
		e.To = vfs.MustParse(to)
	}
	return e
}

func TestFilter(t *testing.T) {
	file := func(op, path, to string) vfs.Event { return event(op, path, to, vfs.TypeFile) }
	dir := func(op, path, to string) vfs.Event { return event(op, path, to, vfs.TypeDir) }
	for _, test := range []struct {
		name   string
		filter Filter
		event  vfs.Event
		want   bool
	}{
		{"all", Filter{}, file("write", "/a", ""), true},
		{"its kind", Filter{Kinds: []Kind{FileCommitted}}, file("copy", "/a", "/b"), true},
		{"another kind", Filter{Kinds: []Kind{FileDeleted}}, dir("remove", "/a", ""), false},
		{"its path", Filter{Paths: []string{"/in"}}, file("write", "/in/a", ""), true},
		{"a similar path", Filter{Paths: []string{"/in"}}, file("write", "/inner/a", ""), false},
		{"one of the paths", Filter{Paths: []string{"/x", "/in"}}, file("write", "/in/a/b", ""), true},
		{"the directory itself", Filter{Paths: []string{"/in"}}, dir("mkdir", "/in", ""), true},
		{"its name", Filter{Names: []string{"*.csv"}}, file("write", "/in/A.CSV", ""), true},
		{"another name", Filter{Names: []string{"*.csv"}}, file("write", "/in/a.csv.part", ""), false},
		{"renamed to its name", Filter{Names: []string{"*.csv"}}, file("rename", "/in/a.part", "/in/a.csv"), true},
		{"renamed from its name", Filter{Names: []string{"*.csv"}}, file("rename", "/in/a.csv", "/in/a.done"), true},
		{"copied from its name", Filter{Names: []string{"*.csv"}}, file("copy", "/in/a.csv", "/in/a.done"), false},
		{"renamed into its path", Filter{Paths: []string{"/in"}}, file("rename", "/tmp/a", "/in/a"), true},
		{"name here, path there", Filter{Paths: []string{"/in"}, Names: []string{"*.csv"}}, file("rename", "/tmp/a.csv", "/in/a"), false},
		{"a directory above is renamed", Filter{Paths: []string{"/in/deep"}}, dir("rename", "/in", "/old"), true},
		{"a file above is renamed", Filter{Paths: []string{"/in/deep"}}, file("rename", "/in", "/old"), false},
		{"another tenant", Filter{Tenants: []string{"contoso"}}, file("write", "/a", ""), false},
	} {
		c, ok := changeOf(context.Background(), test.event, "node", time.Unix(1, 0))
		if !ok {
			t.Fatalf("%s: no event", test.name)
		}
		if got := test.filter.passes(&c); got != test.want {
			t.Errorf("%s: passes %v", test.name, got)
		}
	}
}
