package guessing

import "container/list"

// maxEntries bounds each table.
const maxEntries = 16384

// recent is a map that forgets the entry that was used longest ago when there are more than
// maxEntries. The zero value is ready for use.
type recent[K comparable, V any] struct {
	byKey map[K]*list.Element
	// order has the entries, the one that was used last in front.
	order list.List
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// get returns the value of a key, nil when there is none.
func (r *recent[K, V]) get(key K) *V {
	at := r.byKey[key]
	if at == nil {
		return nil
	}
	r.order.MoveToFront(at)
	return &at.Value.(*entry[K, V]).value
}

// make returns the value of a key, which is new when there was none.
func (r *recent[K, V]) make(key K) *V {
	if v := r.get(key); v != nil {
		return v
	}
	if r.byKey == nil {
		r.byKey = map[K]*list.Element{}
	}
	if r.order.Len() >= maxEntries {
		last := r.order.Back()
		delete(r.byKey, last.Value.(*entry[K, V]).key)
		r.order.Remove(last)
	}
	e := &entry[K, V]{key: key}
	r.byKey[key] = r.order.PushFront(e)
	return &e.value
}

func (r *recent[K, V]) len() int { return r.order.Len() }
