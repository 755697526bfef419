package azstub

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Options configure a Server. The zero Options are a server without TLS for
// the well-known development account, which keeps and verifies everything.
type Options struct {
	Account string // DevAccount when empty
	Key     string // shared key, Base64; DevKey when empty
	Auth    AuthMode

	TLS bool // serve HTTPS with a certificate of its own; see Server.CertPEM

	// Discard keeps the sizes of bodies and not their bytes; they read as the
	// Pattern. SkipChecksums neither verifies nor computes any.
	Discard, SkipChecksums bool

	Shape Shape
	Rules []Rule

	SKU         string // in the answer to Get Account Information; Standard_LRS when empty
	AccountKind string // StorageV2 when empty
	// HNS makes the account one with a hierarchical namespace: see "Hierarchical namespace" in
	// the documentation of the package.
	HNS bool
	// RenameStamps gives what a rename moves a new ETag and Last-Modified. Recorded answers of
	// the service show that files keep both; some clients report the opposite.
	RenameStamps bool
	// Deny lists operations that are refused as the service refuses them for a caller without the
	// right: DataContributor, ContainerSAS. With SetTags, other requests that set tags are refused
	// too.
	Deny []Kind
	// EmptyPages makes the first page of each listing empty, with a marker that
	// continues, as the service may.
	EmptyPages bool
	// Skew is the most that the clock of a machine of the service is wrong: the Date and the
	// Last-Modified of each request are ahead or behind by up to Skew, so that those of two
	// requests differ by up to twice as much.
	Skew time.Duration

	Limits  Limits
	History int              // remembered requests; 4096 when 0
	Clock   func() time.Time // for Last-Modified; time.Now when nil
	Logger  *slog.Logger     // errors of the HTTP server; discarded when nil
}

// Limits replace the limits of the service, so that tests need not fill them.
// A zero field leaves the documented limit.
type Limits struct {
	Blocks            int   // in a committed list: 50,000
	UncommittedBlocks int   // of a blob: 100,000
	BlockSize         int64 // 4000 MiB
	PutBlobSize       int64 // 5000 MiB
	SyncCopySize      int64 // of Copy Blob From URL: 256 MiB
	Page              int   // entries of a listing's page: 5000. Lower than what a client asks for makes short pages, as the service may.
}

func (l Limits) filled() Limits {
	return Limits{
		Blocks:            cmp.Or(l.Blocks, 50_000),
		UncommittedBlocks: cmp.Or(l.UncommittedBlocks, 100_000),
		BlockSize:         cmp.Or(l.BlockSize, 4000<<20),
		PutBlobSize:       cmp.Or(l.PutBlobSize, 5000<<20),
		SyncCopySize:      cmp.Or(l.SyncCopySize, 256<<20),
		Page:              cmp.Or(l.Page, 5000),
	}
}

// Server is one storage account. Once it listens, all methods may be called at
// any time from any goroutine.
type Server struct {
	opts    Options
	key     []byte
	clock   func() time.Time
	run     uint32
	journal journal
	rules   rules
	buffers sync.Pool
	pattern func() []byte
	cert    func() (certificate, error)

	life   context.Context // ends with Close
	finish context.CancelFunc

	mu         sync.RWMutex
	containers map[string]*container
	writes     uint64 // makes ETags
	plan       func(CopyRequest) CopyPlan

	gate    sync.Mutex // guards closed and the first serving.Add of a request
	closed  bool
	serving sync.WaitGroup

	http    *http.Server // nil until Listen
	address string
	dfs     *http.Server // the Data Lake endpoint; nil for a flat account
	dfsAt   string
}

// New makes an account without containers. It serves as an http.Handler; Listen
// gives it an address of its own.
func New(opts Options) (*Server, error) {
	opts.Account = cmp.Or(opts.Account, DevAccount)
	opts.Key = cmp.Or(opts.Key, DevKey)
	opts.SKU = cmp.Or(opts.SKU, "Standard_LRS")
	opts.AccountKind = cmp.Or(opts.AccountKind, "StorageV2")
	opts.Limits = opts.Limits.filled()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	key, err := base64.StdEncoding.DecodeString(opts.Key)
	if err != nil {
		return nil, fmt.Errorf("azstub: account key: %w", err)
	}
	s := &Server{
		opts:       opts,
		key:        key,
		clock:      opts.Clock,
		run:        uint32(time.Now().UnixNano()),
		journal:    journal{limit: cmp.Or(opts.History, 4096)},
		pattern:    sync.OnceValue(Pattern),
		cert:       sync.OnceValues(newCertificate),
		containers: map[string]*container{},
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if opts.Skew > 0 {
		s.clock = skewed(s.clock, opts.Skew)
	}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	s.life, s.finish = context.WithCancel(context.Background())
	s.SetShape(opts.Shape)
	for _, r := range opts.Rules {
		s.AddRule(r)
	}
	return s, nil
}

// Start runs a server on a free port of the loopback interface until the test
// and its subtests are over.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Listen binds the address and serves it until Close. It may be called once.
func (s *Server) Listen(ctx context.Context, address string) error {
	if s.http != nil {
		return errors.New("azstub: already listening")
	}
	var err error
	if s.http, s.address, err = s.listen(ctx, address, s); err != nil || !s.opts.HNS {
		return err
	}
	host, _, err := net.SplitHostPort(s.address)
	if err == nil {
		s.dfs, s.dfsAt, err = s.listen(ctx, net.JoinHostPort(host, "0"), s.DFS())
	}
	if err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// listen serves a handler on an address until Close, and returns the address with its port.
func (s *Server) listen(ctx context.Context, address string, handler http.Handler) (*http.Server, string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", err
	}
	bound := l.Addr().String()
	if s.opts.TLS {
		cert, err := s.cert()
		if err != nil {
			return nil, "", errors.Join(err, l.Close())
		}
		// The service speaks no HTTP/2, and neither does the stub.
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert.pair}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	}
	l = spellingListener{l}
	server := &http.Server{
		Handler:           handler,
		ConnContext:       withSpelling,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(logWriter{s.opts.Logger}, "", 0),
	}
	s.serving.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Logger.Error("azstub: serve", "error", err)
		}
	})
	return server, bound, nil
}

// Close ends all requests, also hanging ones, and closes the listener. When it returns, all
// goroutines of the server have ended.
func (s *Server) Close() error {
	s.gate.Lock()
	s.closed = true
	s.gate.Unlock()
	s.finish()
	var err error
	for _, server := range []*http.Server{s.http, s.dfs} {
		if server != nil {
			err = errors.Join(err, server.Close())
		}
	}
	s.serving.Wait()
	return err
}

// enter admits a request unless the server is closed; the request calls
// serving.Done when it is over.
func (s *Server) enter() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if !s.closed {
		s.serving.Add(1)
	}
	return !s.closed
}

// URL is the address of the blob service, without a slash at the end.
func (s *Server) URL() string {
	return s.scheme() + "://" + s.address + "/" + s.opts.Account
}

// DFSURL is the address of the Data Lake endpoint, without a slash at the end. It has a port of
// its own, as it has a host of its own in the cloud. It is "" for a flat account.
func (s *Server) DFSURL() string {
	if s.dfs == nil {
		return ""
	}
	return s.scheme() + "://" + s.dfsAt + "/" + s.opts.Account
}

func (s *Server) scheme() string {
	if s.opts.TLS {
		return "https"
	}
	return "http"
}

// Addr is the address that the server listens on.
func (s *Server) Addr() string { return s.address }

// ConnectionString is what the SDKs take to find the account.
func (s *Server) ConnectionString() string {
	return fmt.Sprintf("DefaultEndpointsProtocol=%s;AccountName=%s;AccountKey=%s;BlobEndpoint=%s;",
		s.scheme(), s.opts.Account, s.opts.Key, s.URL())
}

// CertPEM is the certificate that signs the server's, for clients in other
// processes to trust.
func (s *Server) CertPEM() ([]byte, error) {
	c, err := s.cert()
	return c.pem, err
}

// CertPool holds nothing but the server's certificate.
func (s *Server) CertPool() (*x509.CertPool, error) {
	c, err := s.cert()
	return c.pool, err
}

// Client is an HTTP client that trusts the server and keeps many connections.
// It can be handed to the SDK as its transport. Its idle connections are
// closed with the server.
func (s *Server) Client() (*http.Client, error) {
	pool, err := s.CertPool()
	if err != nil {
		return nil, err
	}
	tr := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 256,
		ReadBufferSize:      64 << 10,
		WriteBufferSize:     64 << 10,
	}
	context.AfterFunc(s.life, tr.CloseIdleConnections)
	return &http.Client{Transport: tr}, nil
}

// logWriter takes the lines of the HTTP server's logger.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(p []byte) (int, error) {
	w.log.Debug("azstub: http", "message", string(p))
	return len(p), nil
}
