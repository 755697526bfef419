package gateway

import (
	"log/slog"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tracing"
)

// process has what all generations and all frontends share. It outlives every generation.
type process struct {
	log *slog.Logger
	// sockets opens the listening sockets of the frontends.
	sockets *listen.Sockets
	// ledger counts the shares that tenants, users and connections hold.
	ledger *fairshare.Ledger
	// memory is the budget. chunks leases the part of the transfers, hashing that of the
	// logins.
	memory  *memory.Parts
	chunks  *chunk.Pool
	hashing *auth.Hashing
	// limits has the limits of tenants and users, and counts what they use.
	limits *limits.Registry
	// guesses counts wrong passwords.
	guesses *guessing.Table
	observe observe.Shared
	// access has the access logs, which are among the sinks of observe.
	access *accesslog.Set
	// events tells other systems of changes.
	events *notify.Hub
}

// recentRefusals is how many of the last refusals operators can see.
const recentRefusals = 100

func newProcess(t config.Transfers, log *slog.Logger) *process {
	recent := observe.NewRecent(recentRefusals)
	p := &process{
		log: log, limits: limits.NewRegistry(), guesses: guessing.New(guessing.Defaults()), ledger: fairshare.New(), memory: memory.Divide(t.Memory),
		observe: observe.Shared{
			Sessions: session.NewRegistry(), Metrics: metrics.New(), Trace: &observe.Trace{}, Recent: recent, Sinks: []observe.Sink{recent},
		},
	}
	p.observe.Tracing = tracing.New(log, p.observe.Metrics)
	p.access = accesslog.NewSet(log, p.observe.Metrics)
	p.observe.Sinks = append(p.observe.Sinks, p.access)
	p.events = notify.New(log, p.observe.Metrics, p.memory.Events)
	p.chunks = chunk.NewIn(p.memory)
	p.hashing = auth.NewHashing(p.memory.Hashes.Most())
	p.hashing.CountGuesses(p.guesses)
	p.ledger.Add(p.chunks.Uploads())
	p.ledger.Add(p.hashing.Resource())
	return p
}
