package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// outcome is the reply that a client got to an upload.
type outcome struct {
	// code is the last reply, 0 when the connection was lost before it.
	code int
	// begun is true when the server had accepted the upload with a 150.
	begun bool
	// err is for the failure's message.
	err string
}

func (o outcome) receipt() bool { return o.code == 226 }

// name is a row of the summary.
func (o outcome) name() string {
	switch {
	case o.code == 0:
		return "lost"
	case o.begun && !o.receipt():
		return fmt.Sprintf("150 %d", o.code)
	default:
		return fmt.Sprint(o.code)
	}
}

// uploads are all uploads of a test, and their outcomes by client and node. The
// uploads of one path follow one another.
type uploads struct {
	*ledger.Ledger
	start time.Time

	mu sync.Mutex
	// receipts count by node, outcomes by client and name.
	receipts map[int]int
	outcomes map[string]map[string]int
	// accepted counts the uploads that a node had begun, broken those of them without a receipt.
	accepted, broken int
}

func newUploads() *uploads {
	return &uploads{Ledger: ledger.New(), start: time.Now(), receipts: map[int]int{}, outcomes: map[string]map[string]int{}}
}

// end records the reply that the client got.
func (u *uploads) end(path string, c ledger.Content, client string, node int, o outcome) {
	u.mu.Lock()
	if o.receipt() {
		u.receipts[node]++
	}
	if o.begun {
		u.accepted++
		if !o.receipt() {
			u.broken++
		}
	}
	if u.outcomes[client] == nil {
		u.outcomes[client] = map[string]int{}
	}
	u.outcomes[client][o.name()]++
	u.mu.Unlock()
	if o.receipt() {
		u.Acknowledge(path, c)
	} else {
		u.Leave(path, c)
	}
}

// counts returns how many uploads nodes have accepted, and how many of them have failed.
func (u *uploads) counts() (accepted, failed int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.accepted, u.broken
}

// receiptsOf counts the receipts that each node gave, and returns a channel that
// is closed when an upload has ended.
func (u *uploads) receiptsOf() (map[int]int, <-chan struct{}) {
	_, _, changed := u.Progress()
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.receipts), changed
}

// String is the summary.
func (u *uploads) String() string {
	begun, _, _ := u.Progress()
	names := len(u.Names())
	u.mu.Lock()
	defer u.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d uploads of %d files in %v", begun, names, time.Since(u.start).Round(time.Millisecond))
	for _, client := range slices.Sorted(maps.Keys(u.outcomes)) {
		fmt.Fprintf(&b, "\n%10s:", client)
		for _, name := range slices.Sorted(maps.Keys(u.outcomes[client])) {
			fmt.Fprintf(&b, " %d × %s", u.outcomes[client][name], name)
		}
	}
	b.WriteString("\n  receipts:")
	for _, node := range slices.Sorted(maps.Keys(u.receipts)) {
		fmt.Fprintf(&b, " node %d: %d", node, u.receipts[node])
	}
	return b.String()
}
