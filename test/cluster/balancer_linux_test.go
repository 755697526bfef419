package cluster

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// balancer is what stands between the clients and the nodes.
type balancer struct {
	program string
	// proxy is true when it sends the addresses of clients to the nodes. Then HAProxy passes no
	// data connections on: they go through address translation.
	proxy bool
}

const (
	haproxy = "haproxy"
	nginx   = "nginx"
)

// startBalancer runs the balancer as deploy/haproxy or deploy/nginx says.
func (s *site) startBalancer(ns *namespace) {
	var cmd *exec.Cmd
	switch s.balancer.program {
	case haproxy:
		if s.balancer.proxy {
			s.translate(ns)
		}
		cmd = s.haproxy()
	case nginx:
		cmd = s.nginx()
	}
	p := ns.start(s.t, "the balancer", cmd)
	s.t.Cleanup(func() {
		p.Terminate()
		_ = p.Wait() // with the status of its workers
	})
	s.poll("the balancer passes connections on", func() error {
		return s.clients.do(func() error {
			c, err := net.DialTimeout("tcp", controlAddr, patience.Limit())
			if err != nil {
				return err
			}
			defer c.Close()
			if err := c.SetDeadline(time.Now().Add(patience.Limit())); err != nil {
				return err
			}
			_, err = io.ReadFull(c, make([]byte, len("220 ")))
			return err
		})
	})
}

// deployed returns the path of a file of deploy.
func (s *site) deployed(name string) string {
	path, err := filepath.Abs(filepath.Join("../../deploy", name))
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// translate sends data connections to the nodes, as deploy/haproxy/data.nft says.
func (s *site) translate(ns *namespace) {
	ns.sysctl(s.t, "ipv4/ip_forward", "1")
	ns.run(s.t, "", "nft", "-f", s.deployed("haproxy/data.nft"))
	for i := range s.nodes {
		ns.run(s.t, "", "nft", "add", "element", "ip", "tidegate", "nodes",
			fmt.Sprintf("{ %d : %s . 30000 }", firstDataPort+i, nodeAddr(i)))
	}
}

func (s *site) haproxy() *exec.Cmd {
	// The master of -W ends its workers, also when it is killed itself.
	cmd := exec.Command("haproxy", "-W", "-db", "-f", s.deployed("haproxy/haproxy.cfg"))
	cmd.Env = append(cmd.Environ(), "BIND="+publicAddr, "SFTP_PORT=22", "PROXY=off")
	if s.balancer.proxy {
		cmd.Env = append(cmd.Env, "PROXY=on")
	}
	for i := range s.nodes {
		cmd.Env = append(cmd.Env, fmt.Sprintf("NODE%d=%s", i+1, nodeAddr(i)))
	}
	return cmd
}

// nginx changes the file as its comments say, and includes it.
func (s *site) nginx() *exec.Cmd {
	text, err := os.ReadFile(s.deployed("nginx/tidegate.conf"))
	if err != nil {
		s.t.Fatal(err)
	}
	var changes []string
	for i := range s.nodes {
		changes = append(changes, fmt.Sprintf("10.0.0.%d:", 11+i), nodeAddr(i)+":")
	}
	if !s.balancer.proxy {
		changes = append(changes, "\tproxy_protocol on;", "")
	}
	dir := s.t.TempDir()
	// One process, which has no child that would survive it.
	const main = `
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {
	worker_connections 4096;
}
include tidegate.conf;
`
	for file, text := range map[string]string{"nginx.conf": main, "tidegate.conf": strings.NewReplacer(changes...).Replace(string(text))} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	return exec.Command("nginx", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
}
