package notify

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// An event is encoded as encoding/json does it: with each of its fields, also one that is added
// later, and with every text.
func TestEncode(t *testing.T) {
	check := func(e *Event) {
		t.Helper()
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(e); err != nil {
			t.Fatal(err)
		}
		if got := string(e.encode()) + "\n"; got != want.String() {
			t.Errorf("%swant\n%s", got, &want)
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
