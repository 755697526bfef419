package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// check validates a configuration. It opens only the files of the configuration and those
// that it names, so it can run anywhere.
func (p *program) check(_ context.Context, args []string) error {
	rest, err := p.parse(newFlags("check"), args, 1, 1)
	if err != nil {
		return err
	}
	c, err := p.load(rest[0], false)
	if err != nil {
		return err
	}
	users := 0
	for _, t := range c.Tenants {
		users += len(t.Users)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s is fine: %s, %s, %s, %s.\n", rest[0],
		count(len(c.Backends), "backend"), count(len(c.Frontends), "frontend"), count(len(c.Tenants), "tenant"), count(users, "user"))
	for _, b := range c.Backends {
		if bounded, ok := b.Config.(interface{ LargestFile(memory int64) int64 }); ok {
			fmt.Fprintf(&out, "backend %s.%s: files of up to %s with transfers of %s.\n",
				b.Type, b.Name, size(bounded.LargestFile(c.Transfers.Memory)), size(c.Transfers.Memory))
		}
	}
	_, err = io.WriteString(p.stdout, out.String())
	return err
}

// size formats a number of bytes in the largest unit of which there is at least one,
// rounded down.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	unit, scale := 0, int64(1)
	for unit+1 < len(units) && n/scale >= 1024 {
		unit, scale = unit+1, scale*1024
	}
	tenths := n / (scale / 10)
	if scale == 1 {
		tenths = n * 10
	}
	text := strconv.FormatInt(tenths/10, 10)
	if tenths%10 != 0 {
		text += "." + strconv.FormatInt(tenths%10, 10)
	}
	return text + " " + units[unit]
}

// load reads the configuration at path, to serve it or to check it. When it returns
// errReported, all problems have been printed.
func (p *program) load(path string, serving bool) (*config.Config, error) {
	c, sources, diags := load(path, serving)
	if err := p.report(sources, diags); err != nil {
		return nil, err
	}
	return c, nil
}

// load reads the configuration at path, to serve it or to check it, and returns what
// it was read from and what is wrong with it. The Config counts only without errors.
func load(path string, serving bool) (*config.Config, []config.Source, config.Diagnostics) {
	sources, diags := config.Read(path)
	if diags.HasErrors() {
		return nil, nil, diags
	}
	c, diags := config.Load(sources, gateway.Registry(), hostmemory.Detect())
	if !diags.HasErrors() {
		diags = append(diags, c.Servable(sources)...)
		diags = append(diags, config.CheckSources(sources)...)
	}
	config.Escalate(diags, serving)
	return c, sources, diags
}

// report prints diagnostics, and returns errReported if there are errors among them.
func (p *program) report(sources []config.Source, diags config.Diagnostics) error {
	if err := config.WriteDiagnostics(p.stderr, sources, diags); err != nil {
		return err
	}
	if n := len(diags.Errs()); n > 0 {
		fmt.Fprintf(p.stderr, "%s found.\n", count(n, "problem"))
		return errReported
	}
	return nil
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
