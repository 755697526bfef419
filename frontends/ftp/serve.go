package ftp

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

var _ frontends.Server = (*Server)(nil)

// New binds the control port and the passive ports.
func New(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	reporter := observe.New(observe.Options{Protocol: "ftp", Frontend: "ftp." + o.Name, Log: o.Log, Shared: o.Observe})
	plane, err := passive.Listen(ctx, passive.Options{
		Metrics: reporter.Metrics(), Frontend: reporter.Frontend(),
		Listen: o.Passive.Listen, Sockets: o.Sockets, Log: o.Log,
		MaxHold: o.Passive.MaxHold, Patience: o.Passive.Patience,
		Lifetime: o.Passive.Lifetime, Quarantine: o.Passive.Quarantine, PeerCheck: o.Passive.PeerCheck,
		Proxies: o.Passive.Proxies, Unproxied: listen.ReadProxyHeader,
	})
	if err != nil {
		return nil, err
	}
	l, err := o.Sockets.Listen(ctx, reporter.Frontend(), o.Listen)
	if err != nil {
		plane.Close()
		return nil, fmt.Errorf("ftp control port: %w", err)
	}
	srv := &Server{
		o: o, commands: commandTable(), listener: l, plane: plane,
		advertiser: data.NewAdvertiser(data.AdvertiseOptions{
			Host: o.Passive.Host, Hosts: o.Passive.Hosts, Port: o.Passive.Port, PortAuto: o.Passive.PortAuto,
			Ports: plane.Ports(), Metadata: o.Passive.Metadata, Log: o.Log,
		}),
		observe: reporter, lostAfterUpload: reporter.Metrics().Counter(lostAfterUploadTotal, reporter.Frontend()),
		downloads: newDownloads(o.Ledger, o.Memory), listings: streams.Listings(o.Ledger, o.Memory.Transfers),
		hashing: o.Ledger.Resource("hashes of files", int64(max(runtime.GOMAXPROCS(0)/2, 1))),
	}
	srv.current.Store(&settings{o, data.New(data.Options{Plane: plane, TLS: o.TLS, Reuse: o.Reuse, IdleTimeout: o.IdleTimeout, Memory: o.Memory.Buffers})})
	srv.connections = listen.New(srv.connectionOptions(o))
	srv.forget = reporter.Metrics().Source(frontends.CertificateEnd, metrics.TypeGauge, srv.certificateEnds)
	srv.draining, srv.drain = context.WithCancel(context.WithoutCancel(ctx))
	return srv, nil
}

// Addr is the address of the control port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Advertised implements frontends.Advertiser.
func (s *Server) Advertised() string { return s.advertiser.String() }

// Serve takes sessions until ctx ends; see frontends.Server. The passive ports
// outlive the sessions.
func (s *Server) Serve(ctx context.Context) error {
	planeCtx, closePlane := context.WithCancel(context.WithoutCancel(ctx))
	var plane sync.WaitGroup
	plane.Go(func() { s.plane.Serve(planeCtx) })
	plane.Go(func() { s.advertiser.Run(planeCtx) })
	s.checkPorts()
	err := s.connections.Serve(ctx, s.listener, listen.Protocol{
		Drain: s.drain,
		Serve: func(hard context.Context, c net.Conn, login *listen.Login) {
			session := newSession(hard, s, c)
			session.login.place = login
			session.run()
		},
		Refuse: func(hard context.Context, c net.Conn) { newSession(hard, s, c).refuseConnection() },
	})
	closePlane()
	plane.Wait()
	s.forget()
	s.downloads.bytes.Close()
	s.closeReporter()
	return err
}

// connectionOptions returns the options of the listener for those of a server.
func (s *Server) connectionOptions(o Options) listen.Options {
	return listen.Options{
		Address: o.Listen, Log: o.Log, Observe: s.observe, Ledger: o.Ledger, Proxies: o.Proxies, Grace: o.Grace,
		Limits: listen.Limits{
			MaxSessions: o.MaxSessions, MaxSessionsPerAddress: o.MaxSessionsPerAddress,
			MaxLogins: o.MaxLogins, MaxLoginsPerAddress: o.MaxLoginsPerAddress,
		},
		Memory: o.Memory.Sessions, SessionBytes: memory.SessionFTP,
	}
}
