package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/internal/azurite"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/test/launch"
)

const (
	nodeCount = 3
	container = "demo"
	user      = "demo"
	password  = "demo"
	// startTime is the time in which everything must be ready.
	startTime = time.Minute
	// again is how often something is asked until it is ready.
	again = 100 * time.Millisecond
)

// site is everything that the demo starts. start and close are called once.
type site struct {
	o        options
	programs programs
	// dir has the files of the demo, and is removed in the end.
	dir   string
	hash  string
	nodes []*node

	store               *azurite.Server
	blobs               *azblob.Client
	balancer, collector *launch.Program

	// ending are the goroutines that wait for the end of nodes.
	ending sync.WaitGroup
}

// newSite checks that everything is there, and starts nothing.
func newSite(o options) (*site, error) {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return nil, err
	}
	o.root = root
	s := &site{o: o}
	if s.programs, err = findPrograms(o); err != nil {
		return nil, err
	}
	for i := range nodeCount {
		s.nodes = append(s.nodes, &node{index: i, state: starting, page: fmt.Sprintf("http://%s/", s.on(i, 80))})
	}
	if err := checkPorts(s.addresses(), o.ports); err != nil {
		return nil, err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return nil, err
	}
	s.hash = string(hash)
	s.dir, err = os.MkdirTemp("", "tidegate-demo-")
	return s, err
}

// port returns one of the ports of the demo.
func (s *site) port(n int) string { return strconv.Itoa(s.o.ports + n) }

// on returns an address of a node.
func (s *site) on(node, port int) string {
	return net.JoinHostPort(fmt.Sprintf("127.0.0.%d", 11+node), s.port(port))
}

// public is where devices connect to.
func (s *site) public() string { return net.JoinHostPort("127.0.0.1", s.port(21)) }

// addresses are all that must be free.
func (s *site) addresses() []string {
	all := []string{s.public()}
	for i := range nodeCount {
		all = append(all, net.JoinHostPort("127.0.0.1", s.port(31+i)), s.on(i, 21), s.on(i, 30), s.on(i, 80))
	}
	if s.programs.prometheus != "" {
		all = append(all, s.metrics())
	}
	return all
}

// metrics is the address of Prometheus.
func (s *site) metrics() string { return net.JoinHostPort("127.0.0.1", s.port(90)) }

// start starts everything, and returns when clients can connect.
func (s *site) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("it takes too long"))
	defer cancel()
	if err := s.startStore(ctx); err != nil {
		return err
	}
	for _, n := range s.nodes {
		if err := s.startNode(n); err != nil {
			return err
		}
	}
	for _, n := range s.nodes {
		if err := s.ready(ctx, n); err != nil {
			return err
		}
	}
	if err := s.startBalancer(ctx); err != nil {
		return err
	}
	return s.startCollector()
}

func (s *site) startStore(ctx context.Context) (err error) {
	s.store, err = azurite.Start(ctx, azurite.Options{Package: s.programs.azurite, Dir: filepath.Join(s.dir, "azurite")})
	if err != nil {
		return err
	}
	if err := s.store.EnsureContainer(ctx, container); err != nil {
		return err
	}
	key, err := azblob.NewSharedKeyCredential(azurite.Account, azurite.Key)
	if err != nil {
		return err
	}
	s.blobs, err = azblob.NewClientWithSharedKeyCredential(s.store.Endpoint+"/", key, nil)
	return err
}

// startNode starts a node, and does not wait until it is ready.
func (s *site) startNode(n *node) error {
	p, err := execute(exec.Command(s.programs.tidegate, "serve", filepath.Join(s.o.root, "test", "demo", "nodes.hcl")),
		"NODE_INDEX="+strconv.Itoa(n.index), "DEMO_ENDPOINT="+s.store.Endpoint, "DEMO_CONTAINER="+container, "DEMO_KEY="+azurite.Key, "DEMO_HASH="+s.hash,
		"DEMO_CONTROL_PORT="+s.port(21), "DEMO_DATA_PORT="+s.port(30), "DEMO_STATUS_PORT="+s.port(80))
	if err != nil {
		return err
	}
	n.started(p)
	return nil
}

// ready waits until a node that was started serves.
func (s *site) ready(ctx context.Context, n *node) error {
	err := until(ctx, func() error {
		_, err := get(ctx, n.page+"readyz")
		return err
	})
	if err != nil {
		n.change(failed, starting)
		return fmt.Errorf("%s does not start: %w\n%v", n.name(), err, n.current())
	}
	n.change(serving, starting)
	return nil
}

func (s *site) startBalancer(ctx context.Context) (err error) {
	env := []string{
		"BIND=127.0.0.1", "CONTROL_PORT=" + s.port(21), "NODE_CONTROL_PORT=" + s.port(21), "NODE_DATA_PORT=" + s.port(30), "PROXY=off",
	}
	for i := range nodeCount {
		host, _, _ := net.SplitHostPort(s.on(i, 21))
		env = append(env, fmt.Sprintf("NODE%d=%s", i+1, host), fmt.Sprintf("DATA_PORT%d=%s", i+1, s.port(31+i)))
	}
	cmd := exec.Command(s.programs.haproxy, "-db", "-f", filepath.Join(s.o.root, "deploy", "haproxy", "haproxy.cfg"))
	if s.balancer, err = execute(cmd, env...); err != nil {
		return err
	}
	var d net.Dialer
	err = until(ctx, func() error {
		c, err := d.DialContext(ctx, "tcp", s.public())
		if err == nil {
			c.Close()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("HAProxy does not start: %w\n%v", err, s.balancer)
	}
	return nil
}

// startCollector starts Prometheus, where it is installed, with our alerts.
func (s *site) startCollector() (err error) {
	if s.programs.prometheus == "" {
		return nil
	}
	var targets []string
	for i := range s.nodes {
		targets = append(targets, strconv.Quote(s.on(i, 80)))
	}
	config := filepath.Join(s.dir, "prometheus.yml")
	text := fmt.Sprintf("global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s }\nrule_files: [%q]\nscrape_configs:\n  - job_name: tidegate\n    static_configs: [ { targets: [ %s ] } ]\n",
		filepath.Join(s.o.root, "deploy", "monitoring", "tidegate.rules.yml"), strings.Join(targets, ", "))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	s.collector, err = execute(exec.Command(s.programs.prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(s.dir, "prometheus"),
		"--web.listen-address="+s.metrics(), "--log.level=warn"))
	return err
}

// execute starts a program that signals of the terminal do not reach, and that ends with the
// demo where the system can do that.
func execute(cmd *exec.Cmd, env ...string) (*launch.Program, error) {
	cmd.Env = append(cmd.Environ(), env...)
	cmd.SysProcAttr = ended()
	return launch.Run(cmd)
}

// until asks until ask returns nil.
func until(ctx context.Context, ask func() error) error {
	ticker := time.NewTicker(again)
	defer ticker.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// read returns what the store holds at a path.
func (s *site) read(ctx context.Context, path string) (ledger.Content, error) {
	r, err := s.blobs.DownloadStream(ctx, container, path, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return ledger.Content{}, nil
	}
	if err != nil {
		return ledger.Content{}, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return ledger.Of(b), err
}

// close ends everything that was started, and removes the files.
func (s *site) close() error {
	var errs []error
	for _, n := range s.nodes {
		if p, ok := n.change(drained, starting, serving, draining, failed); ok && p != nil {
			s.ending.Go(func() { _ = p.Stop() }) // a node that drains gets a second signal, and ends at once
		}
	}
	s.ending.Wait()
	for _, p := range slices.DeleteFunc([]*launch.Program{s.balancer, s.collector}, func(p *launch.Program) bool { return p == nil }) {
		_ = p.Stop() // with the status of a signal
	}
	if s.store != nil {
		errs = append(errs, s.store.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
