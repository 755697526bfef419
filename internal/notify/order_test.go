package notify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// related reports whether events about two paths have an order.
func related(a, b string) bool { return in(a, b) || in(b, a) }

// Events about one path are sent one after the other in their order, and so are those about a
// directory and what lies below it. All others can be sent at once.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	o := newOrder()
	paths := map[*entry][]string{}
	var queued []*entry
	var sending []*batch
	randomPath := func() string {
		p := ""
		for range 1 + r.IntN(3) {
			p += fmt.Sprintf("/%c", 'a'+rune(r.IntN(3)))
		}
		return p
	}
	conflict := func(a, b *entry) bool {
		for _, x := range paths[a] {
			for _, y := range paths[b] {
				if related(x, y) {
					return true
				}
			}
		}
		return false
	}
	now := time.Unix(0, 0)
	steps := 0
	for added := 0; added < 2000 || o.len() > 0; steps++ {
		if steps > 100_000 {
			t.Fatalf("%d events stay in the queue", o.len())
		}
		switch r.IntN(4) {
		case 0, 1:
			if added == 2000 || o.len() > 25 {
				continue
			}
			e := &entry{}
			list := []string{randomPath()}
			if r.IntN(5) == 0 {
				list = append(list, randomPath())
			}
			paths[e] = list
			var at [][]string
			for _, p := range list {
				at = append(at, elements("tenant", p))
			}
			o.add(e, at)
			queued = append(queued, e)
			added++
		case 2:
			b := o.retry()
			if b == nil && o.ready.len() > 0 {
				b = o.gather(r.IntN(4))
			}
			if b == nil {
				o.wake(now.Add(time.Hour))
				continue
			}
			for _, e := range b.events {
				for _, other := range queued {
					if other == e {
						break
					}
					if conflict(other, e) {
						t.Fatalf("the event about %v is sent before that about %v, or with it", paths[e], paths[other])
					}
				}
			}
			sending = append(sending, b)
		case 3:
			if len(sending) == 0 {
				continue
			}
			i := r.IntN(len(sending))
			b := sending[i]
			sending = append(sending[:i], sending[i+1:]...)
			switch way := r.IntN(8); {
			case way == 0:
				o.delay(b, now)
				continue
			case way == 1 && len(b.events) > 1:
				o.split(b, now)
				continue
			case way == 2:
				o.dissolve(b)
				continue
			case way == 3: // one is dropped
				o.delay(b, now)
				e := b.events[0]
				o.remove(e)
				b.events = b.events[:1]
			default:
				o.delivered(b)
			}
			queued = slices.DeleteFunc(queued, func(e *entry) bool { return slices.Contains(b.events, e) })
		}
		// Whatever conflicts with nothing before it is ready, delayed or being sent.
		for i, e := range queued {
			free := true
			for _, other := range queued[:i] {
				free = free && !conflict(other, e)
			}
			if free != (e.blockers == 0) {
				t.Fatalf("the event about %v has %d blockers", paths[e], e.blockers)
			}
		}
	}
	if o.failed != 0 {
		t.Errorf("%d events of an empty queue have failed", o.failed)
	}
	if len(o.root.children) > 0 {
		t.Errorf("an empty queue has places: %v", o.root.children)
	}
}

func TestIn(t *testing.T) {
	for _, test := range []struct {
		path, dir string
		want      bool
	}{
		{"/a", "/", true}, {"/", "/", true}, {"/a", "/a", true}, {"/a/b", "/a", true}, {"/ab", "/a", false}, {"/a", "/a/b", false}, {"/a/b", "/a/", true},
	} {
		if got := in(test.path, test.dir); got != test.want {
			t.Errorf("in(%q, %q) = %v", test.path, test.dir, got)
		}
	}
	if got := strings.Join(elements("t", "/"), "|"); got != "t" {
		t.Errorf("the root has the elements %s", got)
	}
}
