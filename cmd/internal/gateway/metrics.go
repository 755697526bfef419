package gateway

import (
	"math"
	"runtime"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// The metrics of the process.
var (
	buildInfo = metrics.Desc{
		Name: "tidegate_build_info", Labels: []string{"version", "goversion", "revision"},
		Help: "Always 1; the labels say what the program was built from.",
	}
	ready = metrics.Desc{
		Name: "tidegate_ready",
		Help: "1 while the node should get new connections, else 0.",
	}
	reloadSuccessful = metrics.Desc{
		Name: "tidegate_config_last_reload_successful",
		Help: "1 when the last reload succeeded or there was none, 0 when the configuration before it stays.",
	}
	reloadTime = metrics.Desc{
		Name: "tidegate_config_last_reload_timestamp_seconds", Unit: "seconds",
		Help: "Time of the last attempt to reload the configuration, in seconds since 1970; that of the start before the first one.",
	}
	backendAvailable = metrics.Desc{
		Name: "tidegate_backend_available", Labels: []string{"backend"},
		Help: "1 when the store could be opened, 0 while the process tries again to open it.",
	}
	memoryLimit = metrics.Desc{
		Name: "tidegate_memory_limit_bytes", Unit: "bytes",
		Help: "The memory budget of the process.",
	}
	memoryHeld = metrics.Desc{
		Name: "tidegate_memory_held_bytes", Unit: "bytes", Labels: []string{"part"},
		Help: "What each part of the memory budget holds.",
	}
	memoryMost = metrics.Desc{
		Name: "tidegate_memory_part_limit_bytes", Unit: "bytes", Labels: []string{"part"},
		Help: "What each part of the memory budget can hold at most.",
	}
	memoryWaiting = metrics.Desc{
		Name: "tidegate_memory_waiting", Labels: []string{"part"},
		Help: "Requests for memory that wait, of each part of the budget.",
	}
	shareCapacity = metrics.Desc{
		Name: "tidegate_share_capacity", Labels: []string{"resource"},
		Help: "How much there is of each scarce resource that users share, in its own units; those without a limit are missing.",
	}
	shareHeld = metrics.Desc{
		Name: "tidegate_share_held", Labels: []string{"resource", "tenant"},
		Help: "What users of a tenant hold of a scarce resource; before a login the tenant is empty.",
	}
	shareWaiting = metrics.Desc{
		Name: "tidegate_share_waiting", Labels: []string{"resource", "tenant"},
		Help: "Requests of a tenant's users that wait for a scarce resource.",
	}
	tenantSessions = metrics.Desc{
		Name: "tidegate_tenant_sessions", Labels: []string{"tenant"},
		Help: "Sessions of a tenant's users that are logged in.",
	}
)

// addMetrics adds what the process does not count in the registry itself.
func (g *Gateway) addMetrics() {
	r := g.observe.Metrics
	one := func(d metrics.Desc, value func() float64) {
		r.Source(d, metrics.TypeGauge, func(add func(float64, ...string)) { add(value()) })
	}
	r.Source(buildInfo, metrics.TypeGauge, func(add func(float64, ...string)) {
		p, _ := g.operation.get()
		add(1, p.Version, runtime.Version(), p.Revision)
	})
	one(ready, func() float64 { return number(g.Health().Ready()) })
	one(reloadSuccessful, func() float64 {
		_, last := g.operation.get()
		return number(last.Err == "")
	})
	one(reloadTime, func() float64 {
		if _, last := g.operation.get(); !last.At.IsZero() {
			return float64(last.At.Unix())
		}
		return float64(g.operation.started.Unix())
	})
	r.Source(backendAvailable, metrics.TypeGauge, func(add func(float64, ...string)) {
		for _, b := range g.inForce.get().Backends {
			add(number(!b.unavailable()), b.Name)
		}
	})
	r.Source(tenantSessions, metrics.TypeGauge, func(add func(float64, ...string)) {
		for _, t := range g.inForce.get().Tenants {
			add(float64(g.observe.Sessions.OfTenant(t.Name)), t.Name)
		}
	})
	g.addMemoryMetrics()
	g.addShareMetrics()
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (g *Gateway) addMemoryMetrics() {
	r := g.observe.Metrics
	r.Source(memoryLimit, metrics.TypeGauge, func(add func(float64, ...string)) { add(float64(g.memory.Budget.Limit())) })
	for _, one := range []metrics.Desc{memoryHeld, memoryMost, memoryWaiting} {
		r.Source(one, metrics.TypeGauge, func(add func(float64, ...string)) {
			for _, u := range g.memory.Budget.Usage() {
				add(map[string]float64{
					memoryHeld.Name: float64(u.Held), memoryMost.Name: float64(u.Most), memoryWaiting.Name: float64(u.Waiting),
				}[one.Name], u.Name)
			}
		})
	}
}

func (g *Gateway) addShareMetrics() {
	r := g.observe.Metrics
	r.Source(shareCapacity, metrics.TypeGauge, func(add func(float64, ...string)) {
		for _, resource := range g.ledger.Resources() {
			if n := resource.Capacity(); n < math.MaxInt64 {
				add(float64(n), resource.Name())
			}
		}
	})
	for _, one := range []metrics.Desc{shareHeld, shareWaiting} {
		r.Source(one, metrics.TypeGauge, func(add func(float64, ...string)) {
			for key, u := range byTenant(g.ledger.Usage()) {
				value := float64(u.Held)
				if one.Name == shareWaiting.Name {
					value = float64(u.Waiting)
				}
				add(value, key.resource, key.tenant)
			}
		})
	}
}

type tenantShare struct{ resource, tenant string }

// byTenant adds up what the users of each tenant hold.
func byTenant(usage []fairshare.Usage) map[tenantShare]fairshare.Usage {
	all := map[tenantShare]fairshare.Usage{}
	for _, u := range usage {
		key := tenantShare{u.Resource, u.Holder.Tenant}
		sum := all[key]
		sum.Held += u.Held
		sum.Waiting += u.Waiting
		all[key] = sum
	}
	return all
}
