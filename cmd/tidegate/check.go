package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/ephemeral"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// checkOptions are the flags of check.
type checkOptions struct {
	config          *string
	format          string
	envFiles        []string
	allowMissingEnv bool
	print           bool
	here            bool
	online          bool
	writeProbe      bool
}

func (o *checkOptions) flags() *flag.FlagSet {
	flags := newFlags("check")
	o.config = configFlag(flags)
	flags.StringVar(&o.format, "format", "text", "print problems as `text`, json, github (annotations of GitHub Actions) or sarif")
	envFileFlag(flags, &o.envFiles)
	flags.BoolVar(&o.allowMissingEnv, "allow-missing-env", false, "warn of variables that are not set, and do not check the values that depend on them")
	flags.BoolVar(&o.print, "print", false, "print the configuration with everything that blocks inherit, without locals and dynamic blocks; secrets are masked")
	flags.BoolVar(&o.here, "here", false, "this machine will serve: missing files are errors, and ports, names, memory and descriptors are tried")
	flags.BoolVar(&o.online, "online", false, "open the stores and list them, ask the receivers of events, and resolve announced names")
	flags.BoolVar(&o.writeProbe, "write-probe", false, "with -online, write and remove a small file tidegate-check-… in each store with a writable mount")
	return flags
}

// verify reports flags that contradict each other.
func (o *checkOptions) verify() error {
	if !slices.Contains(formats(), o.format) {
		return fmt.Errorf("there is no format %q%s", o.format, didYouMean(o.format, formats()))
	}
	switch {
	case o.print && (o.format != "text" || o.allowMissingEnv || o.here || o.online):
		return errors.New("-print cannot be used with -format, -allow-missing-env, -here or -online")
	case o.writeProbe && !o.online:
		return errors.New("-write-probe needs -online")
	case o.allowMissingEnv && (o.here || o.online):
		return errors.New("-here and -online need all variables, so they cannot be with -allow-missing-env")
	}
	return nil
}

// check validates a configuration. Without -here and -online it opens only the files of the
// configuration and those that it names, so it can run anywhere.
func (p *program) check(ctx context.Context, args []string) error {
	var o checkOptions
	flags := o.flags()
	path, err := p.parseConfig(flags, o.config, args)
	if err != nil {
		return err
	}
	if err := o.verify(); err != nil {
		return usageError{"check: " + err.Error(), flags.Name()}
	}
	in := input{path: path, stdin: p.stdin, envFiles: o.envFiles}
	r := result{path: in.path, loaded: in.load(o.loadOptions(), false)}
	if o.print && !r.diags.HasErrors() {
		_, err := p.stdout.Write(config.Effective(r.sources, gateway.Registry(), r.options))
		return errors.Join(config.WriteDiagnostics(p.stderr, r.sources, r.diags), err)
	}
	if o.here {
		config.EscalateHere(r.diags)
	}
	// Ports, stores and names are tried only for a configuration that is correct.
	if m := thisMachine(); !r.diags.HasErrors() {
		if o.here {
			r.diags = append(r.diags, m.here(ctx, r.config)...)
		}
		if o.here || o.online {
			r.diags = append(r.diags, m.resolve(ctx, r.config)...)
		}
		if o.online {
			var more config.Diagnostics
			r.stores, more = online(ctx, r.config, o.writeProbe)
			r.diags = append(r.diags, more...)
			r.receivers = gateway.CheckReceivers(ctx, r.config)
			r.diags = append(r.diags, receiverProblems(r.receivers)...)
		}
	}
	return p.printResult(o.format, r)
}

func (o *checkOptions) loadOptions() config.Options {
	l := config.Options{Host: hostmemory.Detect(), AllowMissingEnv: o.allowMissingEnv}
	if o.here {
		l.EphemeralPort = ephemeral.Port
	}
	return l
}

// result is what check has found.
type result struct {
	path string
	loaded
	stores    []gateway.StoreCheck
	receivers []gateway.ReceiverCheck
}

// formats are the values of -format.
func formats() []string { return []string{"text", "json", "github", "sarif"} }

// printResult prints what check has found, and returns errReported if there are errors.
func (p *program) printResult(format string, r result) error {
	var err error
	switch format {
	case "json":
		err = writeJSON(p.stdout, r)
	case "github":
		err = writeGitHub(p.stdout, r)
	case "sarif":
		err = writeSARIF(p.stdout, r)
	default:
		err = errors.Join(config.WriteDiagnostics(p.stderr, r.sources, r.diags), writeStores(p.stdout, r.stores), writeReceivers(p.stdout, r.receivers))
		if !r.diags.HasErrors() {
			err = errors.Join(err, writeSummary(p.stdout, r))
		}
	}
	return errors.Join(err, p.countProblems(r.diags))
}

// countProblems returns errReported if there are errors, and prints their number.
func (p *program) countProblems(diags config.Diagnostics) error {
	n := len(diags.Errs())
	if n == 0 {
		return nil
	}
	fmt.Fprintf(p.stderr, "%s found.\n", count(n, "problem"))
	return errReported
}

// totals are the numbers of the blocks of a configuration.
type totals struct {
	Backends  int `json:"backends"`
	Frontends int `json:"frontends"`
	Tenants   int `json:"tenants"`
	Users     int `json:"users"`
}

func totalsOf(c *config.Config) totals {
	t := totals{Backends: len(c.Backends), Frontends: len(c.Frontends), Tenants: len(c.Tenants)}
	for _, tenant := range c.Tenants {
		t.Users += len(tenant.Users)
	}
	return t
}

// largestFile returns the size of the largest file that a backend can store with the memory
// of the configuration.
func largestFile(c *config.Config, b *config.Backend) (bytes int64, bounded bool) {
	store, bounded := b.Config.(interface{ LargestFile(memory int64) int64 })
	if !bounded {
		return 0, false
	}
	return store.LargestFile(c.Transfers.Memory), true
}

// size formats a number of bytes in the largest unit of which there is at least one,
// rounded down.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	unit, scale := 0, int64(1)
	for unit+1 < len(units) && n/scale >= 1024 {
		unit, scale = unit+1, scale*1024
	}
	tenths := n * 10 / scale
	text := strconv.FormatInt(tenths/10, 10)
	if tenths%10 != 0 {
		text += "." + strconv.FormatInt(tenths%10, 10)
	}
	return text + " " + units[unit]
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
