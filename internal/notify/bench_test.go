package notify

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// BenchmarkChanged is the cost of an event without that of the request to the receiver.
func BenchmarkChanged(b *testing.B) {
	for name, s := range map[string][]Delivery{"none": nil, "best effort": {BestEffort}, "before the reply": {BeforeReply}} {
		b.Run(name, func(b *testing.B) {
			f := start(settings(), nil)
			var specs []Spec
			for _, d := range s {
				one := settings()
				one.Delivery, one.Buffer = d, 1_000_000
				specs = append(specs, Spec{Name: "test.one", Settings: one, Sender: silent{}})
			}
			f.Set("node", specs, 0)
			e := event("write", "/incoming/2026/a-file.csv", "", vfs.TypeFile)
			for b.Loop() {
				f.Changed(context.Background(), e)
			}
			f.stop(1e9)
		})
	}
}

// silent accepts everything.
type silent struct{}

func (silent) Send(context.Context, Message) error { return nil }
func (silent) Close()                              {}
