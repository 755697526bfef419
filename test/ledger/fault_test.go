package ledger

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// retries is how often the gateway repeats a request that failed.
const retries = 2

// fault is what the store does to the requests of one upload.
type fault struct {
	name string
	// kinds are the requests that it strikes.
	kinds []azstub.Kind
	rules []azstub.Rule
	// spoils is the operation whose body is corrupted; see store.corrupt.
	spoils *string
	// recovers: it is over before the gateway's retries are.
	recovers bool
	// loses: a commit may be done without the gateway's hearing of it.
	loses bool
}

// faults returns all faults: for each request of an upload each way to fail, once, as
// often as the gateway repeats the request, and always.
func faults() []fault {
	busy := azstub.ServerBusy()
	ways := []struct {
		name  string
		fault azstub.Fault
		body  bool // strikes in the body of the request
		after bool // strikes when the work is done
	}{
		{name: "503", fault: busy},
		{name: "500", fault: azstub.InternalError()},
		{name: "cut before", fault: azstub.Cut(azstub.BeforeBody())},
		{name: "cut inside", fault: azstub.Cut(azstub.RequestBody(-1)), body: true},
		{name: "lost answer", fault: azstub.LostAnswer(), after: true},
		{name: "500 after", fault: azstub.Fail(azstub.AfterWork(), 500, "InternalError"), after: true},
	}
	kinds := []struct {
		kind   azstub.Kind
		body   bool
		commit bool
	}{
		{azstub.PutBlob, true, true},
		{azstub.PutBlock, true, false},
		{azstub.PutBlockList, true, true},
		{azstub.HeadBlob, false, false},
		{azstub.GetBlockList, false, false},
		{azstub.GetBlob, false, false},
	}
	var all []fault
	for _, k := range kinds {
		strikes := []azstub.Kind{k.kind}
		for _, w := range ways {
			if w.body && !k.body {
				continue
			}
			for _, times := range []int{1, retries, 0} {
				count := fmt.Sprintf(" × %d", times)
				if times == 0 {
					count = " always"
				}
				all = append(all, fault{
					name: fmt.Sprintf("%v %s%s", k.kind, w.name, count), kinds: strikes,
					rules:    []azstub.Rule{{Kinds: strikes, Times: times, Fault: w.fault}},
					recovers: times > 0, loses: k.commit && w.after,
				})
			}
		}
		all = append(all, fault{
			name: fmt.Sprintf("%v slow", k.kind), kinds: strikes, recovers: true,
			rules: []azstub.Rule{{Kinds: strikes, Shape: azstub.Shape{Latency: 20 * time.Millisecond, Upload: 1 << 20}}},
		})
		if k.commit {
			// The blob cannot be asked either what became of the commit.
			all = append(all, fault{
				name: fmt.Sprintf("%v lost answer, and no other", k.kind), kinds: strikes, loses: true,
				rules: []azstub.Rule{
					{Kinds: strikes, Fault: azstub.LostAnswer()},
					{Kinds: []azstub.Kind{azstub.HeadBlob}, Fault: busy},
				},
			})
		}
	}
	for _, k := range []struct {
		kind azstub.Kind
		comp string
	}{{azstub.PutBlob, ""}, {azstub.PutBlock, "block"}, {azstub.PutBlockList, "blocklist"}} {
		all = append(all, fault{name: fmt.Sprintf("%v corrupt", k.kind), kinds: []azstub.Kind{k.kind}, spoils: &k.comp})
	}
	return append(all, fault{
		name: "GetBlockList corrupt answer", kinds: []azstub.Kind{azstub.GetBlockList},
		rules: []azstub.Rule{{Kinds: []azstub.Kind{azstub.GetBlockList}, Fault: azstub.Corrupt(-1)}},
	})
}

// strike makes the fault happen to a blob until it is removed.
func (f *fault) strike(s *store, name string) (remove func()) {
	var removes []func()
	for _, rule := range f.rules {
		rule.Blob = name
		rule.Container = container
		removes = append(removes, s.AddRule(rule))
	}
	if f.spoils != nil {
		removes = append(removes, s.corrupt(name, *f.spoils))
	}
	return func() {
		for _, remove := range removes {
			remove()
		}
	}
}
