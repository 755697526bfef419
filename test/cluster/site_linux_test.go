package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// retryInterval is how often the state of something is asked for that nothing reports.
const retryInterval = 20 * time.Millisecond

// site is everything: network, store, nodes and balancer.
type site struct {
	t        *testing.T
	balancer balancer
	clients  *namespace
	nodes    []*node
	config   string
	// hostKey is the file of the nodes' host key, userKey that of the user's key.
	hostKey, userKey string
	blobs            *container.Client
	// lake is an account with a hierarchical namespace, mounted at lakeDir.
	lake *azstub.Server
}

// node is one member of the cluster. It may be started more than once.
type node struct {
	index int
	ns    *namespace
	p     *launch.Process
}

func newSite(t *testing.T, nodes int, b balancer) *site {
	t.Helper()
	s := &site{t: t, balancer: b, clients: newNamespace(t)}
	between, store := newNamespace(t), newNamespace(t)
	for i := range nodes {
		s.nodes = append(s.nodes, &node{index: i, ns: newNamespace(t)})
	}
	s.wire(between, store)
	s.makeKeys()
	s.config = s.configuration(s.openStore(store), s.openLake(store))
	var started sync.WaitGroup
	for _, n := range s.nodes {
		s.launch(n)
		started.Go(func() { s.ready(n) })
	}
	started.Wait()
	if t.Failed() {
		t.FailNow()
	}
	s.startBalancer(between)
	return s
}

// wire connects the namespaces.
func (s *site) wire(balancer, store *namespace) {
	attach := func(n *namespace, addr, gateway string) {
		n.ip(s.t, "link set lo up", "link set eth0 up", "addr add "+addr+"/24 dev eth0", "route add default via "+gateway)
	}
	balancer.ip(s.t,
		"link set lo up",
		"link add clients type veth peer name eth0 netns "+s.clients.path,
		"link set clients up",
		"addr add "+publicAddr+"/24 dev clients",
		"link add nodes type bridge",
		"link set nodes up",
		"addr add "+balancerAddr+"/24 dev nodes",
		"link add store type veth peer name eth0 netns "+store.path,
		"link set store master nodes up",
	)
	attach(s.clients, clientAddr, publicAddr)
	host, _, _ := net.SplitHostPort(storeAddr)
	attach(store, host, balancerAddr)
	for _, n := range s.nodes {
		port := fmt.Sprintf("node%d", n.index)
		balancer.ip(s.t,
			"link add "+port+" type veth peer name eth0 netns "+n.ns.path,
			"link set "+port+" master nodes up",
		)
		attach(n.ns, nodeAddr(n.index), balancerAddr)
	}
}

// openStore makes Azurite reachable in the namespace store, and returns what
// the configuration says of it.
func (s *site) openStore(store *namespace) launch.Store {
	server := azurite.Shared(s.t)
	name := server.Container(s.t)
	var err error
	s.blobs, err = container.NewClientFromConnectionString(server.ConnectionString(), name, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	endpoint, err := url.Parse(server.Endpoint)
	if err != nil {
		s.t.Fatal(err)
	}
	s.expose(store, storeAddr, endpoint.Host)
	endpoint.Host = storeAddr
	return launch.Azblob(endpoint.String(), name, server.Account, server.Key)
}

// The account with a hierarchical namespace.
const (
	lakeDir   = "lake/"
	lakeFiles = "files"
)

// openLake makes the stub, as an account with a hierarchical namespace, reachable in the
// namespace store, and returns its mount.
func (s *site) openLake(store *namespace) launch.Mount {
	s.lake = azstub.Start(s.t, azstub.Options{HNS: true})
	s.lake.CreateContainer(lakeFiles)
	at := func(public, endpoint string) string {
		u, err := url.Parse(endpoint)
		if err != nil {
			s.t.Fatal(err)
		}
		s.expose(store, public, u.Host)
		u.Host = public
		return u.String()
	}
	files := launch.Stub(at(lakeAddr, s.lake.URL()), lakeFiles)
	files.Name, files.DFS = "lake", at(lakeDFSAddr, s.lake.DFSURL())
	return launch.Mount{Path: "/" + strings.TrimSuffix(lakeDir, "/"), Store: files}
}

// expose makes an address outside of all namespaces reachable in one.
func (s *site) expose(in *namespace, public, addr string) {
	l, err := in.listen(s.t.Context(), public)
	if err != nil {
		s.t.Fatal(err)
	}
	forward(s.t, l, addr)
}

// forward passes connections to l on to addr, which is outside of all
// namespaces, until the test ends.
func forward(t *testing.T, l net.Listener, addr string) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { join(ctx, in, addr) })
		}
	})
}

// join copies both ways until both sides have ended.
func join(ctx context.Context, in net.Conn, addr string) {
	defer in.Close()
	var d net.Dialer
	out, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer out.Close()
	stop := context.AfterFunc(ctx, func() {
		in.Close()
		out.Close()
	})
	defer stop()
	var back sync.WaitGroup
	back.Go(func() { pour(in, out) })
	pour(out, in)
	back.Wait()
}

// pour copies to the end, and passes the end on. A connection that breaks
// breaks the other too.
func pour(to, from net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		from.Close()
		return
	}
	_ = to.(*net.TCPConn).CloseWrite()
}

// launch starts a node and does not wait until it is ready.
func (s *site) launch(n *node) {
	cmd := launch.Command(s.t, s.startLine()...)
	cmd.Env = append(cmd.Env, "NODE_INDEX="+strconv.Itoa(n.index))
	n.p = n.ns.start(s.t, fmt.Sprintf("node %d", n.index), cmd)
}

// startLine returns the arguments with which the unit of the packages starts the program, with
// the directory of the configuration.
func (s *site) startLine() []string {
	unit, err := os.ReadFile(s.deployed("systemd/tidegate.service"))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(unit)) {
		if args, ok := strings.CutPrefix(line, "ExecStart=/usr/bin/tidegate "); ok {
			return strings.Fields(strings.Replace(args, "/etc/tidegate", filepath.Dir(s.config), 1))
		}
	}
	s.t.Fatal("the unit does not start the program")
	return nil
}

// ready waits until a node listens.
func (s *site) ready(n *node) {
	if !n.p.Await("readiness", func(lines []string) bool { return slices.ContainsFunc(lines, launch.Wrote("ready")) }) {
		s.t.Errorf("node %d does not start: %v", n.index, n.p)
	}
}

// poll asks until ask returns nil.
func (s *site) poll(what string, ask func() error) {
	s.t.Helper()
	again := time.NewTicker(retryInterval)
	defer again.Stop()
	for limit := time.Now().Add(patience.Limit()); ; <-again.C {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			s.t.Fatalf("not so after %v: %s: %v", patience.Limit(), what, err)
		}
	}
}

// read returns what the store holds at a path.
func (s *site) read(path string) (ledger.Content, error) {
	if name, ok := strings.CutPrefix(path, lakeDir); ok {
		b, found := s.lake.Blob(lakeFiles, name)
		if !found || b.ETag == "" {
			return ledger.Content{}, nil
		}
		return ledger.Of(b.Content), nil
	}
	r, err := s.blobs.NewBlobClient(path).DownloadStream(s.t.Context(), nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return ledger.Content{}, nil
	}
	if err != nil {
		return ledger.Content{}, err
	}
	b, err := io.ReadAll(r.Body)
	return ledger.Of(b), errors.Join(err, r.Body.Close())
}

// reading is read of one path, for the ledger.
func (s *site) reading(path string) func() (ledger.Content, error) {
	return func() (ledger.Content, error) { return s.read(path) }
}

const (
	user     = "upload"
	password = planted.Password
)

func (s *site) configuration(store launch.Store, more ...launch.Mount) string {
	var proxies, dataProxies []string
	if s.balancer.proxy {
		proxies = []string{balancerAddr}
	}
	if s.balancer.program == nginx {
		dataProxies = proxies
	}
	return launch.Config{
		Store:     store,
		Mounts:    more,
		NodeIndex: `env("NODE_INDEX")`,
		SFTP:      &launch.SFTP{Listen: "0.0.0.0:22", HostKeyFiles: []string{s.hostKey}, ProxyProtocol: proxies},
		FTP: &launch.FTP{
			Listen: "0.0.0.0:21", DataListen: "0.0.0.0:30000", Host: publicAddr, Port: fmt.Sprintf("%d + node.index", firstDataPort),
			Banner: "node ${node.index}", ProxyProtocol: proxies, DataProxyProtocol: dataProxies,
		},
		Grace: patience.Limit().String(),
		Tenants: []launch.Tenant{{Name: "cluster", Users: []launch.User{{
			Name: user, Hash: launch.Hash(s.t, password), Keys: []string{strings.TrimSpace(s.publicKey(s.userKey))},
		}}}},
	}.Write(s.t)
}
