package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
)

const (
	// blockSize makes blocks so small that most files have several.
	blockSize = 16 << 10
	// maxSize bounds a single upload, grownSize a file that was appended to.
	maxSize   = 5 * blockSize
	grownSize = 8 * blockSize
)

// account is a user with the rule for its uploads.
type account struct {
	name   string
	policy tenant.UploadPolicy
}

func accounts() []account {
	return []account{
		{name: "user"},
		{name: "strict", policy: tenant.UploadPolicy{RequireCloseNotify: true}},
		{name: "device", policy: tenant.UploadPolicy{CommitOnControlLost: true, IgnoreAllo: true}},
	}
}

// plan is everything about an upload that is decided before it begins. It depends on
// the seed, the worker, the number of the upload and, for some openings, the size of the
// file.
type plan struct {
	id       string
	name     string
	account  account
	protocol protocol
	opening  opening
	// original is the name of what is copied, when that is the opening.
	original string
	order    order
	// size is what the client means to send, sent what it sends before the
	// ending, announced whether it says the size by ALLO, or by
	// FSETSTAT.
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
	of := ""
	if p.original != "" {
		of = " from " + p.original
	}
	text := fmt.Sprintf("upload %s: %v of %s%s by %s, %v, %v: %d of %d bytes (announced: %t), then %s",
		p.id, p.opening, p.name, of, p.account.name, p.protocol, p.order, p.sent, p.size, p.announced, p.ending.name)
	if p.ending.aborts {
		text += ", style " + p.style.String()
	}
	if p.fault.name != "" {
		text += "; store: " + p.fault.name
	}
	return text
}

// content is what the client sends.
func (p *plan) content(s *store) []byte {
	if p.opening == copying {
		b, _ := s.Blob(container, p.original)
		return b.Content
	}
	b := make([]byte, p.sent)
	_, _ = rand.NewChaCha8(p.seed).Read(b)
	return b
}

// commits says whether what was sent may become the content of the name: the
// guarantee of docs/ftp.md, "Durable acknowledgements", and docs/sftp.md, "Uploads".
func (p *plan) commits() bool {
	if p.protocol == overSSH {
		return p.ending.data == ended && !(p.announced && p.sent < p.size)
	}
	policy := p.account.policy
	truncated := p.ending.data == truncated && p.protocol == overTLS
	switch e := p.ending; {
	case e.data == broken:
		return false
	case e.control == lostBefore && (truncated || !policy.CommitOnControlLost):
		return false
	case truncated && policy.RequireCloseNotify:
		return false
	case e.aborts && e.data != ended:
		return false
	case p.announced && p.sent < p.size && p.opening == anew && !policy.IgnoreAllo:
		return false
	}
	return true
}

// must says whether anything but a 226 is a failure.
func (p *plan) must() bool {
	return p.commits() && p.ending.sure && (p.fault.name == "" || p.fault.recovers)
}

// protocol is what a client speaks.
type protocol uint8

const (
	plain   protocol = iota // FTP
	overTLS                 // FTP
	overSSH                 // SFTP
)

func (p protocol) String() string { return [...]string{"FTP", "FTPS", "SFTP"}[p] }

// opening is how a file is opened, and so what becomes of the one that is there.
type opening uint8

const (
	anew      opening = iota // STOR; OPEN with CREAT and TRUNC
	appending                // APPE; OPEN with APPEND
	resuming                 // STOR behind REST; OPEN with WRITE alone, from the end on
	// The others are SFTP's.
	replacing // OPEN with CREAT alone, from the beginning on, and the size set
	copying   // as anew, and copy-data in the place of WRITEs
)

func (o opening) String() string {
	return [...]string{"new file", "appending", "resuming", "replacing", "copy"}[o]
}

// row is what the summary calls it.
func (o opening) row() string { return "(" + o.String() + ")" }

// keeps says whether what was there stays, before what is sent.
func (o opening) keeps() bool { return o == appending || o == resuming }

// order is how the WRITEs of SFTP follow each other.
type order uint8

const (
	singly    order = iota // each waits for the answer to the one before
	pipelined              // in order, without waiting
	shuffled               // without waiting, and out of order
)

func (o order) String() string { return [...]string{"singly", "pipelined", "shuffled"}[o] }

// planner makes the plans of one worker.
type planner struct {
	seed   uint64
	worker int
	// name of the one file is chosen among these.
	names    []string
	account  account
	protocol protocol
	endings  []ending
	faults   []fault
	n        int
}

// next makes the next plan. held returns what a name holds.
func (q *planner) next(held func(name string) ledger.Content) plan {
	q.n++
	r := rand.New(rand.NewPCG(q.seed, uint64(q.worker)<<32|uint64(q.n)))
	p := plan{
		id: fmt.Sprintf("%d/%d", q.worker, q.n), name: q.names[r.IntN(len(q.names))],
		account: q.account, protocol: q.protocol, pieces: 1 + r.IntN(2*blockSize),
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
			// A device's data connection may come, and stay, without its control connection.
			return e.secure && p.protocol != overTLS || (e.open || e.unconnected) && p.account.policy.CommitOnControlLost
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
	} else if old := held(p.name); old.Exists && old.Size+p.sent <= grownSize && !p.ending.renames {
		switch r.IntN(6) {
		case 0:
			p.opening = appending
		case 1:
			if old.Size > 0 {
				p.opening = resuming
			}
		}
	}
	if p.protocol == overSSH {
		q.decideSFTP(r, &p, held)
	}
	p.style = ftpclient.AbortStyle(r.IntN(4))
	if p.protocol == overTLS {
		p.style %= 2 // TLS has no urgent data
	}
	if len(q.faults) > 0 && r.IntN(3) == 0 && p.opening != copying && !p.ending.renames {
		p.fault = q.fault(r, &p)
	}
	return p
}

// decideSFTP decides what SFTP alone knows.
func (q *planner) decideSFTP(r *rand.Rand, p *plan, held func(name string) ledger.Content) {
	p.order = order(r.IntN(3))
	// Each may be a WRITE of its own that is kept until its turn comes.
	p.pieces = max(p.pieces, 256)
	if p.opening == appending {
		// What is appended stands behind a size that is set ahead of it: refused.
		p.announced = false
	}
	if p.opening != anew || p.ending.short || p.ending.renames {
		return
	}
	switch r.IntN(6) {
	case 0:
		if held(p.name).Exists {
			// An upload of nothing that sets the size that is there changes nothing.
			p.opening, p.announced, p.sent = replacing, true, max(p.sent, min(p.size, 1))
		}
	case 1:
		original := q.names[r.IntN(len(q.names))]
		if c := held(original); c.Exists && original != p.name {
			p.opening, p.original, p.announced = copying, original, false
			p.size, p.sent = c.Size, c.Size
		}
	}
}

// fault chooses one that can strike.
func (q *planner) fault(r *rand.Rand, p *plan) fault {
	asked := []azstub.Kind{azstub.PutBlob}
	switch {
	case p.opening.keeps():
		asked = []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList, azstub.GetBlob, azstub.PutBlock, azstub.PutBlockList}
	case p.sent > blockSize:
		asked = []azstub.Kind{azstub.PutBlock, azstub.PutBlockList}
	}
	kind := asked[r.IntN(len(asked))]
	possible := slices.DeleteFunc(slices.Clone(q.faults), func(f fault) bool { return !slices.Contains(f.kinds, kind) })
	return possible[r.IntN(len(possible))]
}
