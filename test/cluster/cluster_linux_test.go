package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// TestCluster kills, drains and restarts nodes under load. A 226 is a durable acknowledgement,
// anything else left the old content or the new one whole, no client sees a part of
// a file, and sessions on other nodes notice nothing.
func TestCluster(t *testing.T) {
	need(t, "curl", "lftp", "haproxy", "nginx")
	tests := []struct {
		name     string
		nodes    int
		balancer balancer
		scenes   []string
	}{
		{"control and data through HAProxy", 2, balancer{program: haproxy}, []string{"kill", "drain"}},
		// An upgrade counts uploads that fail, so no node was killed before.
		{"control with PROXY through HAProxy and direct data", 3, balancer{program: haproxy, proxy: true}, []string{"upgrade", "reload", "kill", "drain", "restart"}},
		{"control and data through nginx", 3, balancer{program: nginx}, []string{"drain"}},
		{"control and data with PROXY through nginx", 3, balancer{program: nginx, proxy: true}, []string{"kill"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			s := newSite(t, test.nodes, test.balancer)
			t.Logf("site: %v", time.Since(start).Round(time.Millisecond))
			p := &play{load: newLoad(t, s)}
			p.run(test.scenes)
		})
	}
}

// need skips the test where a site cannot be made, or one of the programs is not
// there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs the built program, HAProxy and root")
	}
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, name := range append(programs, "ip", "nft") {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; make test installs it", name)
		}
	}
}

// play is the script of a test. Every scene waits for what the clients got, not
// for a time.
type play struct {
	*load
}

const (
	// fromEach is how many receipts each node gives before a scene.
	fromEach = 8
	// meanwhile is how many the other nodes give while one is away.
	meanwhile = 20
	// heldDir holds what the script itself uploads.
	heldDir = "held/"
)

func (p *play) run(names []string) {
	nodes := p.s.nodes
	last, drained := nodes[len(nodes)-1], nodes[1]
	p.prepare()
	stop := p.start()
	defer stop()

	p.play("load", func() { p.awaitEach() })
	scenes := map[string]func(){
		"kill":    func() { p.kill(last) },
		"drain":   func() { p.drain(drained) },
		"reload":  p.reload,
		"restart": func() { p.restart(last) },
		"upgrade": p.upgrade,
	}
	for _, name := range names {
		p.play(name, scenes[name])
	}
	stop()
	p.t.Logf("%v\n%8d times another node listed what one had committed, %d reads while it ran",
		p.l, p.listed.Load(), p.polled.Load())
	if p.listed.Load() == 0 || p.polled.Load() == 0 {
		p.t.Error("nobody looked while the load ran")
	}
	p.audit()
	for _, n := range nodes {
		p.observers[n.index].dismiss()
		n.p.Terminate()
	}
	for _, n := range nodes {
		p.s.ended(n)
	}
}

// play runs a scene and says how long it took.
func (p *play) play(name string, scene func()) {
	start := time.Now()
	scene()
	p.t.Logf("%s: %v", name, time.Since(start).Round(time.Millisecond))
}

// prepare makes the workers' directories and calls the observers.
func (p *play) prepare() {
	c := p.s.pin(0, ftpclient.Options{})
	defer c.Close()
	dirs := []string{heldDir}
	for i := range ownWorkers {
		dirs = append(dirs, ownDir(i))
	}
	for i := range curlWorkers {
		dirs = append(dirs, fmt.Sprintf("curl-%d", i))
	}
	for i := range lftpWorkers {
		dirs = append(dirs, fmt.Sprintf("lftp-%d", i))
	}
	for _, dir := range dirs {
		if _, err := c.Mkdir(dir); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, w := range p.observers {
		p.call(w)
	}
}

// kill ends a node by SIGKILL in the middle of uploads, and starts it again
// when the others have gone on without it.
func (p *play) kill(n *node) {
	h := p.hold(n, heldDir+"kill")
	over := p.disturb(n, true)
	n.p.Kill()
	if err := h.t.Finish(); err == nil {
		p.t.Errorf("receipt of a node that was killed in the middle of the upload")
	}
	p.stays(h.path, h.old)
	p.awaitOthers(n)
	p.s.launch(n)
	p.returns(n, over)
}

// drain ends a node by SIGTERM. Transfers that have begun are not disturbed.
func (p *play) drain(n *node) {
	h := p.hold(n, heldDir+"drain")
	idle := p.s.pin(n.index, ftpclient.Options{})
	defer idle.Close()
	over := p.disturb(n, false)
	n.p.Terminate()
	if r, err := idle.Receive(); err != nil || r.Code != 421 {
		p.t.Errorf("an idle session on a node that drains: %v, %v, want 421", r, err)
	}
	p.awaitOthers(n)
	p.stays(h.path, h.old)
	_, err := h.t.Write(h.rest)
	if err = errors.Join(err, h.t.Finish()); err != nil {
		p.t.Errorf("an upload that had begun before the node drained: %v", err)
	} else {
		p.stays(h.path, h.new)
	}
	p.s.ended(n)
	p.s.launch(n)
	p.returns(n, over)
}

// ended waits for the end of a node that was stopped, which must be in
// order.
func (s *site) ended(n *node) {
	if err := n.p.Wait(); err != nil {
		s.t.Errorf("node %d, after SIGTERM: %v", n.index, err)
	}
}

// restart kills a node and starts it again at once.
func (p *play) restart(n *node) {
	over := p.disturb(n, true)
	n.p.Kill()
	p.s.launch(n)
	p.returns(n, over)
}

// reload has all nodes read their configuration again, at once. No session notices.
func (p *play) reload() {
	reloaded := launch.Wrote("configuration reloaded")
	for _, n := range p.s.nodes {
		before := len(n.p.Lines(reloaded))
		n.p.Signal(syscall.SIGHUP)
		again := func(lines []string) bool { return count(lines, reloaded) > before }
		if !n.p.Await("a reload", again) {
			p.t.Errorf("node %d does not reload", n.index)
		}
	}
	p.awaitEach()
}

// count returns how many lines match.
func count(lines []string, match func(line string) bool) (n int) {
	for _, line := range lines {
		if match(line) {
			n++
		}
	}
	return n
}

// upgrade replaces every node, one after the other. No upload that a node has accepted fails.
func (p *play) upgrade() {
	before, _ := p.l.counts()
	for _, n := range p.s.nodes {
		over := p.disturb(n, false)
		n.p.Terminate()
		p.s.ended(n)
		p.s.launch(n)
		p.returns(n, over)
	}
	after, failed := p.l.counts()
	p.t.Logf("%d uploads meanwhile", after-before)
	if failed > 0 || after == before {
		p.t.Errorf("%d of %d uploads that nodes had accepted have failed", failed, after-before)
	}
}

// disturb announces that something happens to a node.
func (p *play) disturb(n *node, hard bool) (over func()) {
	p.observers[n.index].dismiss()
	return p.d.begin(n.index, hard)
}

// returns waits until a node that was started again takes its part.
func (p *play) returns(n *node, over func()) {
	p.s.ready(n)
	p.call(p.observers[n.index])
	over()
	p.awaitEach()
}

// held is an upload of which one half has been sent, over an older file.
type held struct {
	path     string
	t        *ftpclient.Transfer
	rest     []byte
	old, new ledger.Content
}

func (p *play) hold(n *node, path string) (h held) {
	p.t.Helper()
	old := bytes.Repeat([]byte("old "), fileBytes)
	whole := bytes.Repeat([]byte("new "), fileBytes)
	h = held{path: path, old: ledger.Of(old), new: ledger.Of(whole), rest: whole[fileBytes:]}
	c := p.s.pin(n.index, ftpclient.Options{})
	p.t.Cleanup(c.Close)
	err := p.s.clients.do(func() (err error) {
		if err = c.Put(path, bytes.NewReader(old)); err != nil {
			return err
		}
		if h.t, err = c.Transfer("STOR "+path, 0); err != nil {
			return err
		}
		p.t.Cleanup(h.t.Close)
		_, err = h.t.Write(whole[:fileBytes])
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// stays checks what the store holds.
func (p *play) stays(path string, want ledger.Content) {
	p.t.Helper()
	if got, err := p.s.read(path); err != nil || got != want {
		p.t.Errorf("%s: holds %v, %v, want %v", path, got, err, want)
	}
}

// awaitEach waits for receipts of every node.
func (p *play) awaitEach() {
	p.t.Helper()
	p.await("every node gives receipts", func(since []int) bool {
		for _, n := range since {
			if n < fromEach {
				return false
			}
		}
		return true
	})
}

// awaitOthers waits for receipts while a node is away.
func (p *play) awaitOthers(away *node) {
	p.t.Helper()
	p.await("the other nodes give receipts", func(since []int) bool {
		sum := 0
		for i, n := range since {
			if i != away.index {
				sum += n
			}
		}
		return sum >= meanwhile
	})
}

// await waits for receipts from now on.
func (p *play) await(what string, enough func(since []int) bool) {
	p.t.Helper()
	limit := time.After(patience.Limit())
	before, _ := p.l.receiptsOf()
	for {
		now, changed := p.l.receiptsOf()
		since := make([]int, len(p.s.nodes))
		for i := range since {
			since[i] = now[i] - before[i]
		}
		if enough(since) {
			return
		}
		select {
		case <-changed:
		case <-limit:
			p.t.Fatalf("not so after %v: %s: %v\n%v", patience.Limit(), what, since, p.l)
		}
	}
}

// audit compares the store with the ledger, and every node with the store.
func (p *play) audit() {
	for _, path := range p.l.Names() {
		if err := p.l.Audit(path, p.s.reading(path)); err != nil {
			p.t.Error(err)
		}
	}
	stored := p.stored()
	for _, w := range p.observers {
		err := p.s.clients.do(func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			for dir, want := range stored {
				got, err := list(w.c, dir)
				if err != nil {
					return err
				}
				if diff := cmp.Diff(want, got); diff != "" {
					return fmt.Errorf("%s: -in the store +listed\n%s", dir, diff)
				}
			}
			return nil
		})
		if err != nil {
			p.t.Errorf("node %d: %v", w.node, err)
		}
	}
}

// stored returns the sizes of all files in the store by directory and name. It
// reports those that no client uploaded.
func (p *play) stored() map[string]map[string]int64 {
	known := p.l.Names()
	dirs := map[string]map[string]int64{}
	pages := p.s.blobs.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{Metadata: true}})
	for pages.More() {
		page, err := pages.NextPage(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, b := range page.Segment.BlobItems {
			if _, isDir := b.Metadata["hdi_isfolder"]; isDir {
				continue
			}
			dir, name := path.Split(*b.Name)
			if dirs[dir] == nil {
				dirs[dir] = map[string]int64{}
			}
			dirs[dir][name] = *b.Properties.ContentLength
			if dir != heldDir && !slices.Contains(known, *b.Name) {
				p.t.Errorf("the store holds %s, which nobody uploaded", *b.Name)
			}
		}
	}
	for _, file := range p.s.lake.Names(lakeFiles) {
		b, _ := p.s.lake.Blob(lakeFiles, file)
		dir, name := path.Split(lakeDir + file)
		if dirs[dir] == nil {
			dirs[dir] = map[string]int64{}
		}
		dirs[dir][name] = b.Size
		if !slices.Contains(known, lakeDir+file) {
			p.t.Errorf("the account with a hierarchical namespace holds %s, which nobody uploaded", file)
		}
	}
	return dirs
}

// list returns the sizes of the files in a directory.
func list(c *ftpclient.Conn, dir string) (map[string]int64, error) {
	entries, err := c.MLSD(dir)
	if err != nil {
		return nil, err
	}
	files := map[string]int64{}
	for _, e := range entries {
		if !e.IsDir() {
			files[e.Name] = e.Size
		}
	}
	return files, nil
}
