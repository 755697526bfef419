package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tidegate/tidegate/frontends/auth"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
	"github.com/tidegate/tidegate/internal/azstub"
)

const (
	// blockSize makes blocks so small that most files have several.
	blockSize = 16 << 10
	// maxSize bounds a single upload, grownSize a file that was appended to.
	maxSize   = 5 * blockSize
	grownSize = 8 * blockSize
)

// account is a user, as uploads of his are judged.
type account struct {
	name   string
	policy auth.UploadPolicy
}

func accounts() []account {
	return []account{
		{name: "user"},
		{name: "strict", policy: auth.UploadPolicy{RequireCloseNotify: true}},
		{name: "device", policy: auth.UploadPolicy{CommitOnControlLost: true, IgnoreAllo: true}},
	}
}

// plan is all that is decided of one upload before it begins. The seed, the
// worker and the number decide it, and how large the file is when that matters.
type plan struct {
	id      string
	name    string
	account account
	secure  bool
	command string // STOR, or APPE
	resume  bool   // STOR behind REST
	// size is what the client means to send, sent what it sends before the
	// ending, announced whether it says the size by ALLO.
	size, sent int
	announced  bool
	ending     ending
	style      ftpclient.AbortStyle
	fault      fault
	// seed makes the content.
	seed [32]byte
	// pieces are the sizes of the writes.
	pieces int
}

func (p *plan) String() string {
	verb := p.command
	if p.resume {
		verb = "REST and STOR"
	}
	security := "plain"
	if p.secure {
		security = "TLS"
	}
	text := fmt.Sprintf("upload %s: %s %s by %s, %s: %d of %d bytes (announced: %t), then %s",
		p.id, verb, p.name, p.account.name, security, p.sent, p.size, p.announced, p.ending.name)
	if p.ending.aborts {
		text += ", style " + p.style.String()
	}
	if p.fault.name != "" {
		text += "; store: " + p.fault.name
	}
	return text
}

// content is what the client sends.
func (p *plan) content() []byte {
	b := make([]byte, p.sent)
	_, _ = rand.NewChaCha8(p.seed).Read(b)
	return b
}

// commits says whether what was sent may become the content of the name: the
// promise of docs/ftp.md, "Receipts".
func (p *plan) commits() bool {
	policy := p.account.policy
	truncated := p.ending.data == truncated && p.secure
	switch e := p.ending; {
	case e.data == broken:
		return false
	case e.control == lostBefore && (truncated || !policy.CommitOnControlLost):
		return false
	case truncated && policy.RequireCloseNotify:
		return false
	case e.aborts && e.data != ended:
		return false
	case p.announced && p.sent < p.size && p.command == "STOR" && !p.resume && !policy.IgnoreAllo:
		return false
	}
	return true
}

// must says whether anything but a 226 is a failure.
func (p *plan) must() bool {
	return p.commits() && p.ending.sure && (p.fault.name == "" || p.fault.recovers)
}

// planner makes the plans of one worker.
type planner struct {
	seed   uint64
	worker int
	// name of the one file is chosen among these.
	names   []string
	account account
	secure  bool
	endings []ending
	faults  []fault
	n       int
}

// next makes the next plan. held returns what a name holds.
func (q *planner) next(held func(name string) content) plan {
	q.n++
	r := rand.New(rand.NewPCG(q.seed, uint64(q.worker)<<32|uint64(q.n)))
	p := plan{
		id: fmt.Sprintf("%d/%d", q.worker, q.n), name: q.names[r.IntN(len(q.names))],
		account: q.account, secure: q.secure, command: "STOR", pieces: 1 + r.IntN(2*blockSize),
	}
	for i := range p.seed {
		p.seed[i] = byte(r.Uint32())
	}
	switch r.IntN(6) {
	case 0:
		p.size = r.IntN(64)
	case 1, 2:
		p.size = 1 + r.IntN(blockSize)
	case 3:
		p.size = blockSize * (1 + r.IntN(maxSize/blockSize))
	default:
		p.size = 1 + r.IntN(maxSize)
	}
	p.ending = q.endings[0] // the orderly one
	if r.IntN(2) == 0 {
		possible := slices.DeleteFunc(slices.Clone(q.endings), func(e ending) bool {
			// A device's data connection may come and go on without its control connection.
			return e.secure && !p.secure || (e.open || e.unconnected) && p.account.policy.CommitOnControlLost
		})
		p.ending = possible[r.IntN(len(possible))]
	}
	p.announced = r.IntN(4) == 0
	p.sent = p.size
	if !p.ending.sure || p.ending.short {
		switch r.IntN(3) {
		case 0:
			p.sent = 0
		case 1:
			p.sent = r.IntN(p.size + 1)
		}
	}
	if p.ending.short {
		p.announced, p.size = true, p.size+1
	} else if old := held(p.name); old.exists && old.size+p.sent <= grownSize {
		switch r.IntN(6) {
		case 0:
			p.command = "APPE"
		case 1:
			p.resume = old.size > 0
		}
	}
	p.style = ftpclient.AbortStyle(r.IntN(4))
	if p.secure {
		p.style %= 2 // TLS has no urgent data
	}
	if len(q.faults) > 0 && r.IntN(3) == 0 {
		p.fault = q.fault(r, &p)
	}
	return p
}

// fault chooses one that can strike.
func (q *planner) fault(r *rand.Rand, p *plan) fault {
	asked := []azstub.Kind{azstub.PutBlob}
	switch {
	case p.command == "APPE" || p.resume:
		asked = []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList, azstub.GetBlob, azstub.PutBlock, azstub.PutBlockList}
	case p.sent > blockSize:
		asked = []azstub.Kind{azstub.PutBlock, azstub.PutBlockList}
	}
	kind := asked[r.IntN(len(asked))]
	possible := slices.DeleteFunc(slices.Clone(q.faults), func(f fault) bool { return !slices.Contains(f.kinds, kind) })
	return possible[r.IntN(len(possible))]
}
