package notify

import (
	"encoding/json"
	"reflect"
	"testing"
)

// An event is encoded as json.Marshal does it: with each of its fields, also one that is added
// later, and with every text.
func TestEncode(t *testing.T) {
	check := func(e *Event) {
		t.Helper()
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.encode(); err != nil || string(got) != string(want) {
			t.Errorf("%v\n%s, want\n%s", err, got, want)
		}
	}
	check(&Event{})
	size, fields := int64(0), 0
	for _, text := range []string{"plain/~ !", "ä b", `"\`, "<&>", "\x00\x1f\x7f", "\u2028", "\xff", "😀"} {
		var e Event
		for _, v := range []reflect.Value{reflect.ValueOf(&e).Elem(), reflect.ValueOf(&e.Data).Elem()} {
			for i := range v.NumField() {
				switch f := v.Field(i); f.Kind() {
				case reflect.String:
					f.SetString(text)
				case reflect.Uint16:
					f.SetUint(4711)
				case reflect.Pointer:
					f.Set(reflect.ValueOf(&size))
				default: // Event.Data
					continue
				}
				fields++
				check(&e)
			}
		}
	}
	if fields != 8*23 {
		t.Errorf("%d fields", fields)
	}
}
