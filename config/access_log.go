package config

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/internal/accesslog"
)

type accessLogBlock struct {
	// The format: `"w3c"`, as IIS writes it; `"xferlog"`, as wu-ftpd, vsftpd and ProFTPD write
	// it, with lines only about files that were read, written or removed; or `"json"`. Required.
	Format      string    `hcl:"format"`
	FormatRange hcl.Range `hcl:"format,attr_value_range"`
	// Whether there are lines about operations that only look at the attributes of a file:
	// STAT of SFTP, and SIZE, MDTM and CWD of FTP; with `"w3c"` every command of FTP has a line
	// anyway. Default: `false`.
	Stat      *bool     `hcl:"stat,optional"`
	StatRange hcl.Range `hcl:"stat,attr_value_range"`
	// The file that lines are appended to. Its directory must exist. SIGHUP opens the file
	// again, as after logrotate has renamed it. One of `file`, `stdout` and `syslog` is
	// required.
	File      string    `hcl:"file,optional"`
	FileRange hcl.Range `hcl:"file,attr_value_range"`
	// Whether the lines go to the standard output; the log goes to the standard error. Default:
	// `false`.
	Stdout *bool `hcl:"stdout,optional"`
	// When the file is renamed to FILE.1, FILE.1 to FILE.2 and so on. Default: never.
	Rotate *rotateBlock `hcl:"rotate,block"`
	// The syslog server that gets each line as a message.
	Syslog *syslogBlock `hcl:"syslog,block"`
}

type auditBlock struct {
	// The file that lines are appended to, as in `access_log`. One of `file`, `stdout` and
	// `syslog` is required.
	File      string    `hcl:"file,optional"`
	FileRange hcl.Range `hcl:"file,attr_value_range"`
	// Whether the lines go to the standard output. Default: `false`.
	Stdout *bool `hcl:"stdout,optional"`
	// When the file is renamed, as in `access_log`. Default: never.
	Rotate *rotateBlock `hcl:"rotate,block"`
	// The syslog server that gets each line as a message.
	Syslog *syslogBlock `hcl:"syslog,block"`
}

type rotateBlock struct {
	// The size at which a file is renamed. The file is renamed before a write that would make it
	// larger. Default: no limit.
	Size      string    `hcl:"size,optional"`
	SizeRange hcl.Range `hcl:"size,attr_value_range"`
	// The period whose lines one file has, at least `"1m"`. A period of `"24h"` ends at midnight
	// UTC. One of `size` and `every` is required.
	Every      string    `hcl:"every,optional"`
	EveryRange hcl.Range `hcl:"every,attr_value_range"`
	// How many renamed files are kept. Default: `10`.
	Keep      *int      `hcl:"keep,optional"`
	KeepRange hcl.Range `hcl:"keep,attr_value_range"`

	DefRange hcl.Range `hcl:",def_range"`
}

type syslogBlock struct {
	// The server. `"udp://192.0.2.1:514"` and `"tcp://syslog.example:601"` get messages of RFC
	// 5424. `"unix:///run/log.socket"` is a socket of this machine that takes the messages of
	// syslog(3). Default: the socket of the system, such as `/dev/log`.
	Server      string    `hcl:"server,optional"`
	ServerRange hcl.Range `hcl:"server,attr_value_range"`
	// The facility of the messages. Default: `"local0"`, or `"authpriv"` for an audit.
	Facility      string    `hcl:"facility,optional"`
	FacilityRange hcl.Range `hcl:"facility,attr_value_range"`

	DefRange hcl.Range `hcl:",def_range"`
}

const (
	defaultKeep   = 10
	leastRotation = time.Minute
	leastLogSize  = 64 << 10
)

// accessLogReader reads the blocks access_log and audit.
type accessLogReader struct {
	ec *hcl.EvalContext
	// node is the name of the node.
	node string
	// resolve returns the path of a file, report reports problems of a block.
	resolve func(path string) string
	report  func(block hcl.Range, diags hcl.Diagnostics)
	all     []accesslog.Options
	files   []Appended
}

func (r *accessLogReader) problem(at hcl.Range, summary, detail string) {
	r.report(at, hcl.Diagnostics{Problem(at, summary, detail)})
}

func (r *accessLogReader) decode(b *hcl.Block, into any) {
	r.report(b.DefRange, gohcl.DecodeBody(b.Body, r.ec, into))
}

// read returns the access logs, then the audits.
func (r *accessLogReader) read(logs, audits hcl.Blocks) []accesslog.Options {
	for _, b := range slices.Concat(logs, audits) {
		o := accesslog.Options{Name: b.Type + "." + b.Labels[0], Node: r.node}
		if !hclsyntax.ValidIdentifier(b.Labels[0]) {
			r.problem(b.LabelRanges[0], "Invalid name",
				fmt.Sprintf("The name of a block %s begins with a letter; letters, digits, \"_\" and \"-\" may follow.", b.Type))
		}
		if slices.ContainsFunc(r.all, func(other accesslog.Options) bool { return other.Name == o.Name }) {
			r.problem(b.LabelRanges[0], "Duplicate "+b.Type, fmt.Sprintf("There is another block %s %q. Rename one of them.", b.Type, b.Labels[0]))
		}
		if b.Type == "audit" {
			var body auditBlock
			r.decode(b, &body)
			o.Audit, o.Format = true, accesslog.JSON
			r.output(b, &o, accessLogBlock{File: body.File, FileRange: body.FileRange, Stdout: body.Stdout, Rotate: body.Rotate, Syslog: body.Syslog})
		} else {
			r.accessLog(b, &o)
		}
		r.all = append(r.all, o)
	}
	return r.all
}

func (r *accessLogReader) accessLog(b *hcl.Block, o *accesslog.Options) {
	var body accessLogBlock
	r.decode(b, &body)
	o.Format = accesslog.Format(body.Format)
	if body.FormatRange != (hcl.Range{}) {
		r.report(b.DefRange, OneOf("format", body.Format, body.FormatRange, string(accesslog.W3C), string(accesslog.Xferlog), string(accesslog.JSON)))
	}
	o.Stat = body.Stat != nil && *body.Stat
	if o.Stat && o.Format == accesslog.Xferlog {
		r.problem(body.StatRange, "No such lines", `The format "xferlog" has only files that were read, written or removed.`)
	}
	r.output(b, o, body)
}

// output reads where the lines of a block go.
func (r *accessLogReader) output(b *hcl.Block, o *accesslog.Options, body accessLogBlock) {
	outputs := 0
	if body.FileRange != (hcl.Range{}) {
		outputs++
		r.logFile(o, body)
	}
	if body.Stdout != nil && *body.Stdout {
		outputs++
	}
	if body.Syslog != nil {
		outputs++
		r.syslog(o, body.Syslog)
	}
	if outputs != 1 {
		r.problem(b.DefRange, "One output", `Write one of file = "…", stdout = true and syslog {}.`)
	}
	if body.Rotate != nil {
		r.rotation(o, body.Rotate)
	}
}

// logFile reads the path of the file. No other block may have the same file.
func (r *accessLogReader) logFile(o *accesslog.Options, body accessLogBlock) {
	if body.File == "" {
		r.problem(body.FileRange, "No file", "Write the path of a file.")
		return
	}
	o.File = r.resolve(body.File)
	r.files = append(r.files, Appended{Path: o.File, Rotates: body.Rotate != nil, At: body.FileRange})
	if i := slices.IndexFunc(r.all, func(other accesslog.Options) bool { return other.File == o.File }); i >= 0 {
		r.problem(body.FileRange, "File has another use", fmt.Sprintf("%s writes to this file. Write another path.", r.all[i].Name))
	}
}

func (r *accessLogReader) rotation(o *accesslog.Options, b *rotateBlock) {
	o.Rotate.Keep = defaultKeep
	if b.Keep != nil {
		o.Rotate.Keep = *b.Keep
	}
	if o.Rotate.Keep < 1 {
		r.problem(b.KeepRange, "Invalid number of files", "Write a number from 1 on.")
	}
	if b.SizeRange != (hcl.Range{}) {
		size, diags := ParseSize(b.Size, b.SizeRange)
		r.report(b.DefRange, diags)
		if !diags.HasErrors() && size < leastLogSize {
			r.problem(b.SizeRange, "Size too small", `Write "64KiB" or more.`)
		}
		o.Rotate.Size = size
	}
	if b.EveryRange != (hcl.Range{}) {
		every, diags := ParseDuration(b.Every, b.EveryRange)
		r.report(b.DefRange, diags)
		if !diags.HasErrors() && every < leastRotation {
			r.problem(b.EveryRange, "Interval too short", `Write "1m" or more.`)
		}
		o.Rotate.Every = every
	}
	switch {
	case b.SizeRange == (hcl.Range{}) && b.EveryRange == (hcl.Range{}):
		r.problem(b.DefRange, "Rotation without a limit", `Write size = "100MiB", every = "24h" or both.`)
	case o.File == "":
		r.problem(b.DefRange, "Rotation without a file", "Only a file can be renamed.")
	}
}

func (r *accessLogReader) syslog(o *accesslog.Options, s *syslogBlock) {
	o.Syslog.Facility = "local0"
	if o.Audit {
		o.Syslog.Facility = "authpriv"
	}
	if s.FacilityRange != (hcl.Range{}) {
		r.report(s.DefRange, OneOf("facility", s.Facility, s.FacilityRange, slices.Sorted(maps.Keys(accesslog.Facilities()))...))
		o.Syslog.Facility = cmp.Or(s.Facility, o.Syslog.Facility)
	}
	if o.Format == accesslog.W3C {
		r.problem(s.DefRange, "Format needs a file", `In the format "w3c" the first lines of a file name the fields. Write format = "json", or a file.`)
	}
	if s.ServerRange == (hcl.Range{}) {
		return
	}
	u, err := url.Parse(s.Server)
	if err == nil && u.Scheme == "unix" && u.Host == "" && len(u.Path) > 1 && u.RawQuery == "" && u.Fragment == "" {
		o.Syslog.Network, o.Syslog.Address = u.Scheme, u.Path
		return
	}
	if err == nil {
		_, _, err = net.SplitHostPort(u.Host)
	}
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.Path != "" || u.User != nil {
		r.problem(s.ServerRange, "Invalid syslog server", `Write "udp://HOST:PORT", "tcp://HOST:PORT" or "unix:///PATH".`)
		return
	}
	o.Syslog.Network, o.Syslog.Address = u.Scheme, u.Host
}
