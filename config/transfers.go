package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/memory"
)

func (l *loader) transfers(b *hcl.Block) {
	if b == nil {
		return
	}
	var body transfersBlock
	l.decode(b, &body)
	t := &l.config.Transfers
	if body.MemoryRange != (hcl.Range{}) {
		n, diags := ParseSize(body.Memory, body.MemoryRange)
		l.report(b.DefRange, diags)
		if !diags.HasErrors() && (n < minMemory || n > maxMemory) {
			detail := "Transfers need 16MiB at least, and cannot use more than 1TiB."
			if strings.Trim(body.Memory, "0123456789 ") == "" {
				detail = `A number without a unit is a number of bytes. Write a unit, such as "256MiB". ` + detail
			}
			l.problem(body.MemoryRange, "Memory out of range", detail)
		}
		if !diags.HasErrors() {
			t.Memory = n
		}
		l.fits(n, body.MemoryRange)
	}
	l.duration(b, body.DrainDelay, body.DrainDelayRange, &t.DrainDelay)
	l.duration(b, body.Grace, body.GraceRange, &t.Grace)
	t.AzureScheduledEvents = body.AzureScheduledEvents
}

// duration reads a duration of a block into to. One that is not written or that is wrong
// leaves to as it is.
func (l *loader) duration(b *hcl.Block, text string, at hcl.Range, to *time.Duration) {
	if at == (hcl.Range{}) {
		return
	}
	d, diags := ParseDuration(text, at)
	l.report(b.DefRange, diags)
	if !diags.HasErrors() {
		*to = d
	}
}

// The bounds of the memory for transfers.
const (
	minMemory = 16 << 20
	maxMemory = 1 << 40
)

// defaultMemory returns the memory of transfers when the configuration does not set it:
// memory.Default, or half of the host's memory if that is less. The other half is for
// sessions, for the program and for the system.
func defaultMemory(host hostmemory.Limit) int64 {
	if host.Bytes == 0 {
		return memory.Default
	}
	return min(half(host), memory.Default)
}

// fits warns of a budget that, with what is added for sessions, leaves little of the
// host's memory for the program and for the system.
func (l *loader) fits(budget int64, at hcl.Range) {
	host := l.options.Host
	if host.Bytes == 0 || budget <= host.Bytes/8*5 {
		return
	}
	d := Warning(at, "Memory is more than the host can give",
		fmt.Sprintf("The process may have %dMiB (%s) and needs memory beside that of transfers: the system could kill it during transfers. Write: memory = \"%dMiB\"",
			host.Bytes>>20, host.Source, half(host)>>20))
	if budget > host.Bytes {
		d.Extra = errorHere{}
	}
	l.report(at, hcl.Diagnostics{d})
}

// half returns half of the host's memory, in whole MiB, and at least the minimum.
func half(host hostmemory.Limit) int64 { return max(host.Bytes/2>>20<<20, minMemory) }
