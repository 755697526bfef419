package azurite

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // for run.js
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The account that every Azurite has. Microsoft publishes its key.
const (
	Account = "devstoreaccount1"
	Key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// createContainers signs requests of Account that create containers, until 2099.
const createContainers = "se=2099-01-01T00%3A00%3A00Z&sig=QWu0oVZ4%2BeILzOdtR9BJH1q34pfH2C5R%2BIcquMC0Xxo%3D&sp=c&spr=https%2Chttp&srt=c&ss=b&sv=2021-12-02"

// Service is one of the services of Azurite.
type Service string

// The services.
const (
	Blob  Service = "blob"
	Queue Service = "queue"
)

// Options configure a server.
type Options struct {
	// Package is the directory of the npm package; see [Find].
	Package string
	// Service is Blob where it is empty.
	Service Service
	// Dir is where the content is kept, "" for in memory: then MemoryMiB is its limit.
	Dir       string
	MemoryMiB int
	// Port is the port on 127.0.0.1, 0 for a free one.
	Port int
}

// Server is a running Azurite. Its methods may be called concurrently.
type Server struct {
	// Endpoint is the URL of the service with the account in its path:
	// "http://127.0.0.1:43837/devstoreaccount1".
	Endpoint string

	process *exec.Cmd
	stdin   io.Closer
	output  *tail
	exited  chan struct{} // closed when err is set
	err     error
}

//go:embed run.js
var runScript string

// stopTime is the time in which Azurite must end by itself. Then it is killed.
const stopTime = 10 * time.Second

// Start runs a service of Azurite, and returns once it listens. The end of ctx ends the wait,
// and not a server that has started.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Service == "" {
		o.Service = Blob
	}
	args := []string{
		"-e", runScript, script(o.Package, o.Service),
		"--" + string(o.Service) + "Host", "127.0.0.1", "--" + string(o.Service) + "Port", strconv.Itoa(o.Port),
		"--loose", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
	}
	if o.Dir != "" {
		args = append(args, "--location", o.Dir)
	} else {
		args = append(args, "--inMemoryPersistence")
	}
	if o.Dir == "" && o.MemoryMiB > 0 {
		args = append(args, "--extentMemoryLimit", strconv.Itoa(o.MemoryMiB))
	}
	cmd := exec.Command("node", args...)
	// This overrides accounts of the environment.
	cmd.Env = append(cmd.Environ(), "AZURITE_ACCOUNTS="+Account+":"+Key)
	// Ctrl-C on the terminal is for the caller, which may still need the store.
	cmd.SysProcAttr = ownGroup()
	s := &Server{process: cmd, output: &tail{}, exited: make(chan struct{})}
	cmd.Stderr = s.output
	var err error
	if s.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	listening := make(chan string, 1)
	go s.follow(stdout, listening)
	select {
	case url := <-listening:
		s.Endpoint = url + "/" + Account
		return s, nil
	case <-s.exited:
		return nil, fmt.Errorf("azurite has ended instead of listening: %w\n%s", s.err, s.output)
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("azurite does not listen: %w\n%s", context.Cause(ctx), s.output), s.Stop())
	}
}

// follow reads what Azurite prints for as long as it runs, and waits for its end.
func (s *Server) follow(stdout io.Reader, listening chan<- string) {
	defer close(s.exited)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		fmt.Fprintln(s.output, lines.Text())
		if _, url, ok := strings.Cut(lines.Text(), "successfully listens on "); ok {
			listening <- strings.TrimSpace(url)
			break
		}
	}
	_, _ = io.Copy(s.output, stdout)
	if s.err = s.process.Wait(); s.err == nil {
		s.err = errors.New("exit status 0")
	}
}

// Exited is closed when Azurite has ended.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Output returns the last lines that Azurite printed.
func (s *Server) Output() string { return s.output.String() }

// Stop ends Azurite and waits for its end. It may be called again.
func (s *Server) Stop() error {
	_ = s.stdin.Close() // an error means that it was closed before
	late := time.NewTimer(stopTime)
	defer late.Stop()
	select {
	case <-s.exited:
		return nil
	case <-late.C:
	}
	err := s.process.Process.Kill()
	<-s.exited
	return errors.Join(errors.New("azurite did not end by itself and was killed"), err)
}

// EnsureContainer creates a container of the blob service, unless it exists.
func (s *Server) EnsureContainer(ctx context.Context, name string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.Endpoint+"/"+name+"?restype=container&"+createContainers, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusConflict {
		return fmt.Errorf("azurite does not create the container %s: %s", name, resp.Status)
	}
	return nil
}

// tail keeps the last few kilobytes written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (l *tail) Write(p []byte) (int, error) {
	const keep = 8 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - keep; over > 0 {
		l.buf = bytes.Clone(l.buf[over:])
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
