package main

import (
	"io"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// input is what a configuration is loaded from.
type input struct {
	// path is a file, a directory, or "-" for stdin.
	path  string
	stdin io.Reader
	// envFiles are files with variables for the function env.
	envFiles []string
	// log are flags that are stronger than the block log.
	log logFlags
	// sources, when there are any, are used instead of what path has now.
	sources []config.Source
}

// stdinName is the name of the standard input in diagnostics.
const stdinName = "<stdin>"

// loaded is a configuration, and what it was made of. config counts only without errors.
type loaded struct {
	config  *config.Config
	sources []config.Source
	options config.Options
	diags   config.Diagnostics
	// env has the sums of the files with variables, from before they were read.
	env contents
}

// load reads the configuration, to serve it or to check it.
func (in input) load(o config.Options, serving bool) loaded {
	var l loaded
	var envDiags config.Diagnostics
	if o.Env, envDiags = config.EnvOf(in.envFiles); envDiags.HasErrors() {
		return loaded{diags: envDiags}
	}
	switch {
	case len(in.sources) > 0:
		l.sources = in.sources
	case in.path == "-":
		l.sources, l.diags = config.ReadFrom(stdinName, in.stdin)
	default:
		l.sources, l.diags = config.Read(in.path)
	}
	if l.diags.HasErrors() {
		return loaded{diags: l.diags}
	}
	l.options = o
	l.config, l.diags = config.LoadWith(l.sources, gateway.Registry(), o)
	if !l.diags.HasErrors() {
		in.log.apply(&l.config.Log)
		l.diags = append(l.diags, l.config.Servable(l.sources)...)
		l.diags = append(l.diags, config.CheckSources(l.sources)...)
		l.diags = append(l.diags, l.config.CheckDirectories()...)
	}
	l.diags = append(envDiags, l.diags...)
	config.Escalate(l.diags, serving)
	return l
}

// loadToServe reads the configuration, to serve it on this machine.
func (in input) loadToServe() loaded {
	env := sumsOf(in.envFiles)
	l := in.load(config.Options{
		Host: hostmemory.Detect(),
		// The log has a line about such ports.
		EphemeralPort: func(int) bool { return false },
	}, true)
	l.env = env
	return l
}

// report prints diagnostics, and returns errReported if there are errors among them.
func (p *program) report(l loaded) error {
	if err := config.WriteDiagnostics(p.stderr, l.sources, l.diags); err != nil {
		return err
	}
	return p.countProblems(l.diags)
}
