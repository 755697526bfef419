package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const (
	ownWorkers  = 30
	curlWorkers = 2
	lftpWorkers = 2
	// ownAtOnce is how many of our own sessions upload at the same moment: more
	// only keep a small machine from doing what the script waits for.
	ownAtOnce = 12
	// sessionFiles is how many files one session uploads.
	sessionFiles = 6
	fileBytes    = 64 << 10
	// pollInterval paces the reader of files that are being uploaded.
	pollInterval = 50 * time.Millisecond
	// observeEvery is how many uploads of a worker another node is asked for one.
	observeEvery = 3
)

// load uploads through the balancer, all from one address, until it is stopped.
type load struct {
	t *testing.T
	s *site
	l *uploads
	d disturbances
	// observers are sessions on each node.
	observers []*observer
	ids       atomic.Uint64
	stop      chan struct{}
	wg        sync.WaitGroup
	// turns has ownAtOnce places.
	turns chan struct{}
	// listed and polled count what was looked at while the load ran.
	listed, polled atomic.Int64
}

func newLoad(t *testing.T, s *site) *load {
	l := &load{t: t, s: s, l: newUploads(), stop: make(chan struct{}), turns: make(chan struct{}, ownAtOnce)}
	for _, n := range s.nodes {
		l.observers = append(l.observers, &observer{node: n.index})
	}
	return l
}

// ownDir is the directory of one of our own sessions: a third of them upload to the account with
// a hierarchical namespace.
func ownDir(i int) string {
	if dir := fmt.Sprintf("own-%d", i); i%3 != 0 {
		return dir
	}
	return fmt.Sprintf("%sown-%d", lakeDir, i)
}

// start starts the workers. The function that it returns lets each finish its
// session, and waits for all of them.
func (l *load) start() (stop func()) {
	for i := range ownWorkers {
		w := &worker{load: l, client: "own", dir: ownDir(i)}
		switch i % 3 {
		case 1:
			w.o.Data = ftpclient.PASV
		case 2:
			// A node's certificate is made when it starts.
			w.o.Security, w.client = ftpclient.Explicit, "own, TLS"
		}
		l.work(w, w.ownSession)
	}
	for i := range curlWorkers {
		w := &worker{load: l, client: "curl", dir: fmt.Sprintf("curl-%d", i)}
		l.work(w, func() { w.programSession(w.curl) })
	}
	for i := range lftpWorkers {
		w := &worker{load: l, client: "lftp", dir: fmt.Sprintf("lftp-%d", i)}
		l.work(w, func() { w.programSession(w.lftp) })
	}
	l.wg.Go(l.poll)
	return sync.OnceFunc(func() {
		close(l.stop)
		l.wg.Wait()
	})
}

// work runs session after session.
func (l *load) work(w *worker, session func()) {
	w.local = l.t.TempDir()
	l.wg.Go(func() {
		if err := l.s.clients.enter(); err != nil {
			l.t.Error(err)
			return
		}
		for !l.stopping() {
			session()
		}
	})
}

func (l *load) stopping() bool {
	select {
	case <-l.stop:
		return true
	case <-l.t.Context().Done():
		return true
	default:
		return false
	}
}

// poll reads files that are being uploaded: it must see none in part.
func (l *load) poll() {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !l.stopping() {
		if paths := l.l.Underway(); len(paths) > 0 {
			path := paths[rand.IntN(len(paths))]
			if err := l.l.Audit(path, l.s.reading(path)); err != nil {
				l.t.Errorf("while it was uploaded: %v", err)
			}
			l.polled.Add(1)
		}
		<-tick.C
	}
}

// worker is one client with a directory of its own.
type worker struct {
	*load
	client string
	dir    string
	local  string // where programs find their files
	o      ftpclient.Options
	files  int
}

// next names the next file and makes its content, which is never made again.
// Half of the files replace one of before.
func (w *worker) next() (path string, b []byte) {
	w.files++
	name := fmt.Sprintf("%04d", w.files)
	if w.files%2 == 0 {
		name = fmt.Sprintf("again-%d", w.files/2%2)
	}
	id := w.ids.Add(1)
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], id)
	b = make([]byte, fileBytes+id%fileBytes)
	_, _ = rand.NewChaCha8(seed).Read(b)
	return w.dir + "/" + name, b
}

// judge reports what a session that began at mark must not have seen.
func (w *worker) judge(path string, v result, mark int) {
	disturbed, killed := w.d.excuse(v.node, mark)
	switch {
	case v.receipt(), killed:
	case disturbed && !v.begun:
		// A node that drains finishes what has begun, and begins nothing.
	default:
		w.t.Errorf("%s: upload of %s to node %d: %s %s (accepted before: %t)", w.client, path, v.node, v.name(), v.err, v.begun)
	}
}

// trouble reports an error outside of uploads.
func (w *worker) trouble(node, mark int, err error) {
	if disturbed, _ := w.d.excuse(node, mark); !disturbed && w.t.Context().Err() == nil {
		w.t.Errorf("%s: session on node %d: %v", w.client, node, err)
	}
}

func (w *worker) mistakes(c *conversation) {
	for _, m := range c.mistakes {
		w.t.Errorf("%s: a port that leads elsewhere: %s", w.client, m)
	}
}

// ownSession is one session of our own client.
func (w *worker) ownSession() {
	talk := newConversation()
	defer w.mistakes(talk)
	mark := w.d.mark()
	c, err := w.s.dial(w.o, talk)
	if err != nil {
		w.trouble(talk.node, mark, err)
		return
	}
	defer c.Close()
	for range sessionFiles {
		if w.stopping() {
			break
		}
		path, b := w.next()
		w.turns <- struct{}{}
		w.l.Begin(path, ledger.Of(b), true)
		talk.forget(path)
		err := c.Put(path, bytes.NewReader(b))
		<-w.turns
		v := talk.result(path)
		if v.node = talk.node; err != nil {
			v.err = err.Error()
		}
		if err != nil && v.code == 0 {
			// The reply to EPSV, when it was that.
			v.code = ftpclient.CodeOf(err)
		}
		w.l.end(path, ledger.Of(b), w.client, v.node, v.outcome)
		w.judge(path, v, mark)
		if err != nil {
			return
		}
		if w.files%observeEvery == 0 {
			w.observer(path, len(b), v.node)
		}
	}
	if err := c.Quit(); err != nil {
		w.trouble(talk.node, mark, err)
	}
}

// programSession is one run of a program, with some files.
func (w *worker) programSession(command func(ctx context.Context, names []string) *exec.Cmd) {
	mark := w.d.mark()
	var paths, names []string
	sent := map[string]ledger.Content{}
	for range sessionFiles {
		path, b := w.next()
		if slices.Contains(paths, path) {
			continue
		}
		name := filepath.Base(path)
		if err := os.WriteFile(filepath.Join(w.local, name), b, 0o600); err != nil {
			w.t.Error(err)
			return
		}
		sent[path] = ledger.Of(b)
		w.l.Begin(path, sent[path], true)
		paths, names = append(paths, path), append(names, name)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience.Limit())
	defer cancel()
	cmd := command(ctx, names)
	cmd.Dir = w.local
	cmd.Env = append(os.Environ(), "HOME="+w.local, "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	talk := newConversation()
	talk.printed(string(out))
	w.mistakes(talk)
	whole := true
	for _, path := range paths {
		v := talk.result(path)
		whole = whole && v.receipt()
		w.l.end(path, sent[path], w.client, v.node, v.outcome)
		w.judge(path, v, mark)
	}
	if whole == (err != nil) {
		w.trouble(unknown, mark, fmt.Errorf("%w, all uploads complete: %t\n%s", err, whole, out))
	}
}

func (w *worker) curl(ctx context.Context, names []string) *exec.Cmd {
	return exec.CommandContext(ctx, "curl", "--disable", "--verbose", "--no-progress-meter", "--user", user+":"+password,
		"--upload-file", "{"+strings.Join(names, ",")+"}", "ftp://"+controlAddr+"/"+w.dir+"/")
}

// lftp resumes an upload that broke by itself, behind what is stored: here that
// is the old content, which lftp cannot distinguish (docs/ftp.md).
func (w *worker) lftp(ctx context.Context, names []string) *exec.Cmd {
	return exec.CommandContext(ctx, "lftp", "--norc", "-c", fmt.Sprintf(`
debug 5
set cmd:fail-exit no
set ftp:ssl-allow no
set net:max-retries 1
set ftp:rest-stor no
set net:timeout %d
set net:reconnect-interval-base 1
open -u "%s,%s" ftp://%s
put -O %s %s
quit`, int(patience.Limit().Seconds()), user, password, controlAddr, w.dir, strings.Join(names, " ")))
}

// dial opens a session through the balancer and logs in. The calling goroutine
// must be in the clients' namespace. talk gets all lines.
func (s *site) dial(o ftpclient.Options, talk *conversation) (*ftpclient.Conn, error) {
	if o.Security != ftpclient.Plain {
		o.TLS = &tls.Config{
			InsecureSkipVerify: true, // made when the node started
			ServerName:         "tidegate",
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
		}
	}
	o.Timeout = patience.Limit()
	o.Trace = func(direction byte, line string) {
		if direction == '>' {
			talk.sent(line)
		} else {
			talk.received(line)
		}
	}
	c, err := ftpclient.Dial(s.t.Context(), controlAddr, o)
	if err != nil {
		return nil, err
	}
	if err := c.Login(user, password); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}
