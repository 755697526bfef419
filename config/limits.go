package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/limits"
)

// limitsBlock is the block limits of a tenant or a user.
type limitsBlock struct {
	// How many sessions may be logged in at once, over all frontends. A further login is answered
	// with 421 over FTP; over SFTP it succeeds, and each channel is refused with "too many
	// sessions". Default: no limit.
	Sessions      *int      `hcl:"sessions,optional"`
	SessionsRange hcl.Range `hcl:"sessions,attr_value_range"`
	// How many files may be read or written at once. A further one is refused with 450 over FTP
	// and with a failure over SFTP. Default: no limit.
	Transfers      *int      `hcl:"transfers,optional"`
	TransfersRange hcl.Range `hcl:"transfers,attr_value_range"`
	// How many requests to stores may be unanswered at once. Further ones wait; users of a
	// tenant and sessions of a user take turns. Default: no limit.
	StoreRequests      *int      `hcl:"store_requests,optional"`
	StoreRequestsRange hcl.Range `hcl:"store_requests,attr_value_range"`
	// The rate of all uploads together: `"20MiB/s"`, from `"4KiB/s"` on. Default: no limit.
	BandwidthUp      string    `hcl:"bandwidth_up,optional"`
	BandwidthUpRange hcl.Range `hcl:"bandwidth_up,attr_value_range"`
	// The rate of all downloads together: `"20MiB/s"`, from `"4KiB/s"` on. Default: no
	// limit.
	BandwidthDown      string    `hcl:"bandwidth_down,optional"`
	BandwidthDownRange hcl.Range `hcl:"bandwidth_down,attr_value_range"`
	// The size of the largest file: `"10GiB"`. A larger upload is aborted as soon as it has
	// more bytes, with 552 over FTP and a failure over SFTP. Default: no limit.
	UploadBytes      string    `hcl:"upload_bytes,optional"`
	UploadBytesRange hcl.Range `hcl:"upload_bytes,attr_value_range"`
	// The bytes that may be uploaded to this node on one day of UTC, aborted uploads
	// included: `"1TiB"`. Further ones are refused with 552 over FTP and a failure over
	// SFTP. Default: no limit.
	UploadBytesPerDay      string    `hcl:"upload_bytes_per_day,optional"`
	UploadBytesPerDayRange hcl.Range `hcl:"upload_bytes_per_day,attr_value_range"`
}

// minBandwidth is the smallest bandwidth, in bytes per second. A transfer waits for 32 KiB at
// a time, and clients give up a transfer that stands still for long.
const minBandwidth = 4 << 10

// limits reads a block limits, which may be nil.
func (l *loader) limits(b *limitsBlock) limits.Limits {
	if b == nil {
		return limits.Limits{}
	}
	return limits.Limits{
		Sessions:          l.count(b.Sessions, b.SessionsRange),
		Transfers:         l.count(b.Transfers, b.TransfersRange),
		StoreRequests:     l.count(b.StoreRequests, b.StoreRequestsRange),
		BandwidthUp:       l.bandwidth(b.BandwidthUp, b.BandwidthUpRange),
		BandwidthDown:     l.bandwidth(b.BandwidthDown, b.BandwidthDownRange),
		UploadBytes:       l.bytes(b.UploadBytes, b.UploadBytesRange),
		UploadBytesPerDay: l.bytes(b.UploadBytesPerDay, b.UploadBytesPerDayRange),
	}
}

// count reads a number of things.
func (l *loader) count(n *int, at hcl.Range) int64 {
	if n == nil {
		return 0
	}
	if *n < 1 {
		l.problem(at, "Invalid limit", "Write a number from 1 on, or leave the line out for no limit.")
	}
	return int64(*n)
}

// bytes reads a number of bytes.
func (l *loader) bytes(text string, at hcl.Range) int64 {
	if at == (hcl.Range{}) {
		return 0
	}
	n, diags := ParseSize(text, at)
	l.report(at, diags)
	if !diags.HasErrors() && n == 0 {
		l.problem(at, "Invalid limit", `Write a size such as "10GiB", or leave the line out for no limit. A user without the right "write" cannot upload.`)
	}
	return n
}

// bandwidth reads a number of bytes per second.
func (l *loader) bandwidth(text string, at hcl.Range) int64 {
	if at == (hcl.Range{}) {
		return 0
	}
	n, diags := ParseRate(text, at)
	l.report(at, diags)
	if !diags.HasErrors() && n < minBandwidth {
		l.problem(at, "Bandwidth is too low", fmt.Sprintf(`Write at least "%dKiB/s": clients give up a transfer that stands still for long.`, minBandwidth>>10))
	}
	return n
}
