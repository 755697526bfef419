package status

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

const (
	// maxConnections bounds the connections at once. Further ones wait.
	maxConnections = 100
	// maxHeader is the largest header of a request.
	maxHeader = 16 << 10
	// readTimeout bounds how long the header of a request may take to come, and then its body.
	readTimeout = 10 * time.Second
	// idleTimeout is how long a connection may be without a request.
	idleTimeout = 30 * time.Second
	// writeTimeout bounds how long an answer may take to go.
	writeTimeout = 30 * time.Second
	// partingTime is what requests get to end at the stop.
	partingTime = 2 * time.Second
)

// Server serves one address.
type Server struct {
	env      frontends.Env
	log      *slog.Logger
	current  atomic.Pointer[settings]
	listener net.Listener
	history  *history
	template *template.Template
	// forget removes the metrics of the server.
	forget func()
}

var (
	_ frontends.Server   = (*Server)(nil)
	_ frontends.Expiring = (*Server)(nil)
)

// open binds the address.
func open(ctx context.Context, env frontends.Env, first *settings) (*Server, error) {
	page, err := parsePage()
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	l, err := first.bind(ctx, env.Sockets, "status."+env.Name)
	if err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	s := &Server{env: env, log: env.Log, listener: l, template: page, history: newHistory(env.Observe.Metrics, env.Observe.Sessions)}
	s.current.Store(first)
	s.forget = env.Observe.Metrics.Source(frontends.CertificateEnd, metrics.TypeGauge, func(add func(float64, ...string)) {
		if c := s.current.Load().certificate; c != nil {
			add(float64(c.Leaf.NotAfter.Unix()), "status."+env.Name, expiry.CertificateName(c.Leaf))
		}
	})
	return s, nil
}

// Addr returns the address that was bound.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve serves until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	defer s.forget()
	if ctx.Err() != nil {
		return s.listener.Close()
	}
	server := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	sampling, ended := context.WithCancel(ctx)
	var sampler sync.WaitGroup
	sampler.Go(func() { s.history.run(sampling) })
	defer sampler.Wait()
	defer ended()
	l := netutil.LimitListener(s.listener, maxConnections)
	if s.current.Load().certificate != nil {
		l = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.current.Load().certificate, nil },
		})
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("status: %w", errors.Join(err, server.Close()))
	case <-ctx.Done():
	}
	parting, cancel := context.WithTimeout(context.WithoutCancel(ctx), partingTime)
	defer cancel()
	if server.Shutdown(parting) != nil {
		_ = server.Close() // whoever is left does not read
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("status: %w", err)
	}
	return nil
}

// handler serves all paths.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", s.only(anybody, s.healthz))
	mux.Handle("GET /readyz", s.only(anybody, s.readyz))
	mux.Handle("GET /metrics", s.only(thisMachine, metricsHandler(s.env.Observe.Metrics, s.log)))
	mux.Handle("GET /{$}", s.only(reader, s.showPage))
	mux.Handle("GET /events", s.only(reader, s.events))
	mux.Handle("GET /page/{name}", s.only(reader, s.asset))
	mux.Handle("GET /status.json", s.only(reader, s.statusJSON))
	mux.Handle("GET /sessions", s.only(reader, s.listSessions))
	mux.Handle("GET /trace", s.only(operator, s.trace))
	mux.Handle("POST /sessions/{id}/kick", s.only(operator, s.kick))
	mux.Handle("POST /reload", s.only(operator, s.reload))
	mux.Handle("POST /drain", s.only(operator, s.drain))
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A client that does not read holds a connection no longer, nor one that does not send
		// the body which it has announced. Every connection has these deadlines.
		connection := http.NewResponseController(w)
		_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout))
		if r.ContentLength != 0 {
			_ = connection.SetReadDeadline(time.Now().Add(readTimeout))
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentPolicy)
		guarded.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load only what this server has.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
