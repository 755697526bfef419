package config

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/auth/external"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// Load is LoadWith for a configuration that has only the variables of the environment.
func Load(sources []Source, registry Registry, host hostmemory.Limit) (*Config, hcl.Diagnostics) {
	return LoadWith(sources, registry, Options{Host: host})
}

// LoadWith makes one configuration of all sources, the files of one directory. It reports
// every problem that it finds, in the order of the sources, each with its place. With an
// error the Config is nil.
func LoadWith(sources []Source, registry Registry, o Options) (*Config, hcl.Diagnostics) {
	l := load(sources, registry, o)
	if l.diags.HasErrors() {
		return nil, l.diags
	}
	for _, t := range l.config.Tenants {
		// This calls the functions in what the users of an authority inherit: without another
		// user in the tenant, none was called yet. Problems of this user do not matter.
		if t.Authority != nil {
			_, _, _ = t.Answered("user", &external.Answer{})
		}
	}
	l.secrets.endLoad()
	return l.config, l.diags
}

// load does what LoadWith does, and returns its state.
func load(sources []Source, registry Registry, o Options) *loader {
	l := &loader{registry: registry, options: o, secrets: newSecrets(), config: &Config{
		Transfers: Transfers{Memory: defaultMemory(o.Host), Grace: 2 * time.Minute},
		Log:       Log{Level: slog.LevelInfo, Format: LogAuto},
		Guessing:  guessing.Defaults(),
	}}
	dir := "."
	if len(sources) > 0 {
		dir = cmp.Or(sources[0].Dir, filepath.Dir(sources[0].Name))
	}
	l.dir, l.ec = dir, evalContext(dir, l.secrets, l.options.env)
	l.ec.Functions["file"] = textFunc("path", l.secrets.from("file", l.file))

	var files layer
	names := registry.knownNames()
	for _, s := range sources {
		file, diags := hclsyntax.ParseConfig(s.Bytes, s.Name, hcl.InitialPos)
		l.report(whole(s.Name), firstMistake(s, diags, names))
		if syntax, ok := file.Body.(*hclsyntax.Body); ok {
			files = append(files, part{syntax: syntax, ctx: l.ec})
		}
	}
	// After a syntax error the rest of the file would be misread.
	if !l.diags.HasErrors() {
		if o.AllowMissingEnv {
			var diags hcl.Diagnostics
			l.unset, diags = leaveOut(files, o.env)
			l.report(whole(dir), diags)
		}
		l.root = &body{layers: []layer{files}}
		l.blocks(l.root)
	}
	l.finish(sources)
	return l
}

// loader is the state of one call of Load.
type loader struct {
	registry Registry
	options  Options
	secrets  *secrets
	unset    *unset
	// dir is where relative paths begin.
	dir    string
	ec     *hcl.EvalContext
	config *Config
	diags  hcl.Diagnostics
	// extra are the files with places of diagnostics that are no sources.
	extra []string
	root  *body
	// inherited is what the block defaults gives.
	inherited inherited
	// users are the users of all tenants.
	users []placed
	// ageless are the users whose passwords should have a greatest age, but no day is known.
	ageless []ageless
	// weakHashes are those of users in blocks.
	weakHashes []weakHash
	// followers are the places of expressions whose value is unknown because of another
	// problem.
	followers hcl.Diagnostics
}

// blocks resolves the blocks in the order in which they depend on each other:
// expressions use the node and the locals, mounts refer to backends.
func (l *loader) blocks(root *body) {
	first, _, diags := root.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "node"}, {Type: "locals"}}})
	l.report(whole("configuration"), diags)
	l.node(l.single(first.Blocks.OfType("node")))
	l.locals(first.Blocks.OfType("locals"))

	// Dynamic blocks use the locals.
	content, diags := root.Content(rootSchema())
	l.report(whole("configuration"), diags)
	byType := content.Blocks.ByType()
	l.start(l.single(byType["start"]))
	l.reload(l.single(byType["reload"]))
	l.transfers(l.single(byType["transfers"]))
	l.log(l.single(byType["log"]))
	logs := accessLogReader{ec: l.ec, node: l.config.Node.Name, resolve: l.resolve, report: l.report}
	l.config.AccessLogs = logs.read(byType["access_log"], byType["audit"])
	l.config.Appended = logs.files
	l.guessing(l.single(byType["guessing"]))
	traces := tracingReader{ec: l.ec, report: l.report}
	l.config.Tracing = traces.read(l.single(byType["tracing"]))
	backends := l.backends(byType["backend"])
	l.frontends(byType["frontend"])
	l.ec.Variables["backend"] = references(backends)
	l.defaults(l.single(byType["defaults"]))
	l.tenants(byType["tenant"], backends, l.authorities(byType["auth"]))
	l.events(byType["event"])
	l.served()
	l.ports()
	l.clearPasswords()
	l.warnAgeless()
	l.warnWeakHashes()
	if !l.diags.HasErrors() {
		l.together(byType["frontend"])
	}
}

// together warns of what the blocks of a correct configuration do together.
func (l *loader) together(frontends hcl.Blocks) {
	at := whole("configuration")
	l.report(at, reach(l.config, l.users))
	l.report(at, homes(l.users))
	l.report(at, announced(l.config))
	l.report(at, lacks(l.config))
	if l.ec.Variables["node"].Type().HasAttribute("index") {
		l.report(at, nodes(frontends, l.registry.Frontends, l.ec))
	}
}

// single returns the only block of its type, or nil.
func (l *loader) single(blocks hcl.Blocks) *hcl.Block {
	if len(blocks) == 0 {
		return nil
	}
	for _, b := range blocks[1:] {
		l.problem(b.DefRange, "Duplicate block",
			fmt.Sprintf("There can be one %s block; the first is at %s. Write its arguments there.", b.Type, place(blocks[0].DefRange)))
	}
	return blocks[0]
}

// decode fills a struct with the block's body.
func (l *loader) decode(b *hcl.Block, into any) {
	l.report(b.DefRange, gohcl.DecodeBody(b.Body, l.ec, into))
}

func (l *loader) node(b *hcl.Block) {
	var body nodeBlock
	if b != nil {
		l.decode(b, &body)
	}
	n := &l.config.Node
	switch {
	case body.Name == nil:
		// A host without a name is no error: the name is only for logs.
		n.Name, _ = os.Hostname()
	case *body.Name == "":
		l.problem(body.NameRange, "Empty node name", "Write a name, or leave the line out to use the host's name.")
	default:
		n.Name = *body.Name
	}
	node := map[string]cty.Value{"name": cty.StringVal(n.Name)}
	if body.Index != nil && *body.Index < 0 {
		l.problem(body.IndexRange, "Invalid node index", "Nodes are numbered from 0.")
	}
	// A wrong index has been reported, so expressions that use it are not.
	if body.IndexRange != (hcl.Range{}) {
		index := 0
		if body.Index != nil {
			index = max(*body.Index, 0)
		}
		node["index"] = cty.NumberIntVal(int64(index))
	}
	l.ec.Variables["node"] = cty.ObjectVal(node)
}

func (l *loader) log(b *hcl.Block) {
	if b == nil {
		return
	}
	var body logBlock
	l.decode(b, &body)
	if body.LevelRange != (hcl.Range{}) {
		diags := OneOf("level", body.Level, body.LevelRange, "debug", "info", "warn", "error")
		l.report(b.DefRange, diags)
		if !diags.HasErrors() {
			_ = l.config.Log.Level.UnmarshalText([]byte(body.Level)) // it accepts these four
		}
	}
	if body.FormatRange != (hcl.Range{}) {
		l.report(b.DefRange, OneOf("format", body.Format, body.FormatRange, string(LogAuto), string(LogJSON), string(LogText)))
		l.config.Log.Format = LogFormat(body.Format)
	}
	l.trace(body.Trace)
}

// trace reads the list trace of the block log.
func (l *loader) trace(expr hcl.Expression) {
	items, ok := l.list(expr)
	if !ok {
		return
	}
	for _, item := range items {
		if isNetwork(item.value) {
			p, diags := ParseNetwork(item.value, item.at)
			l.report(item.at, diags)
			l.config.Trace.Networks = append(l.config.Trace.Networks, p)
			continue
		}
		if !isLogin(item.value) {
			l.problem(item.at, "Invalid client to trace", `Write an address, a network such as "203.0.113.0/24", or a user: "camera-01" or "contoso/camera-01".`)
			continue
		}
		l.config.Trace.Logins = append(l.config.Trace.Logins, strings.ToLower(item.value))
	}
}

// ParseTraced reads the name of clients to trace, as the list trace has them: an address or
// a network, or a user. ok is false for another text.
func ParseTraced(text string) (t Trace, ok bool) {
	if isNetwork(text) {
		p, diags := ParseNetwork(text, hcl.Range{})
		return Trace{Networks: []netip.Prefix{p}}, !diags.HasErrors()
	}
	return Trace{Logins: []string{strings.ToLower(text)}}, isLogin(text)
}

// isLogin reports whether a text can be a user, alone or as TENANT/USER.
func isLogin(text string) bool {
	tenant, user, named := strings.Cut(text, "/")
	if !named {
		tenant, user = "tenant", text
	}
	return auth.CheckTenant(tenant) == nil && auth.CheckUser(user) == nil
}

// isNetwork reports whether a text means an address or a network, correct or not.
func isNetwork(text string) bool {
	before, _, _ := strings.Cut(text, "/")
	_, err := netip.ParseAddr(before)
	return err == nil
}

// problem reports one problem of our own.
func (l *loader) problem(at hcl.Range, summary, detail string) {
	l.report(at, hcl.Diagnostics{Problem(at, summary, detail)})
}

// report adds diagnostics. A diagnostic without a place gets the place of the block. If there is
// a problem at the same place already, the new one is left out, because it follows from the
// first.
func (l *loader) report(block hcl.Range, diags hcl.Diagnostics) {
	for _, d := range withoutMissing(diags) {
		if d.Subject == nil || d.Subject.Filename == "" {
			d.Subject = &block
		}
		if l.unset.covers(d) {
			continue
		}
		if isConsequence(d) {
			l.followers = append(l.followers, d)
			continue
		}
		l.advise(d)
		reword(d)
		if !slices.ContainsFunc(l.diags, func(old *hcl.Diagnostic) bool { return follows(d, old) }) &&
			!slices.ContainsFunc(l.followers, func(unknown *hcl.Diagnostic) bool { return within(*d.Subject, *unknown.Subject) }) {
			l.diags = append(l.diags, d)
		}
	}
}

// follows reports whether d is only a consequence of old: it is about the same text, or
// about an expression in which old found a wrong part.
func follows(d, old *hcl.Diagnostic) bool {
	if old.Severity == hcl.DiagWarning {
		return d.Summary == old.Summary && d.Detail == old.Detail && *d.Subject == *old.Subject
	}
	if d.Subject.Empty() || old.Subject.Empty() || d.Subject.Filename != old.Subject.Filename {
		return false
	}
	evaluated := old.Expression != nil
	return d.Subject.Start == old.Subject.Start ||
		(evaluated && d.Subject.ContainsPos(old.Subject.Start)) ||
		(evaluated && d.Context != nil && d.Context.ContainsPos(old.Subject.Start))
}

// within reports whether a place begins in another one.
func within(at, outer hcl.Range) bool {
	return at.Filename == outer.Filename && (at.Start == outer.Start || outer.ContainsPos(at.Start))
}

// advise adds a remedy to hcl's diagnostic about an unknown function or variable.
func (l *loader) advise(d *hcl.Diagnostic) {
	if unknown, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](d); ok {
		name := unknown.CalledFunctionName()
		d.Detail = fmt.Sprintf("There is no function %q.%s", name, choices(name, slices.Sorted(maps.Keys(l.ec.Functions))))
		return
	}
	v, ok := d.Expression.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return
	}
	switch v.Traversal.RootName() {
	case "local":
		l.adviseLocal(d, v.Traversal)
	case "tenant", "user":
		adviseName(d, v.Traversal)
	case "node":
		d.Detail = `There are node.name and, where the node block sets it, node.index. Write: node { index = ordinal(hostname()) }`
	case "backend":
		d.Detail = "A backend can only be the value of a mount's argument called backend."
	case "env":
		d.Detail = `Variables of the environment are read by a function: env("NAME").`
	default:
		d.Detail = `There is no such variable; locals are written local.NAME. A text stands in quotes, and a variable of the environment is env("NAME").`
	}
}

// finish sorts the diagnostics in the order of the sources and removes secrets from them.
func (l *loader) finish(sources []Source) {
	order := make(map[string]int, len(sources))
	for i, s := range sources {
		order[s.Name] = i
	}
	for i, name := range l.extra {
		order[name] = len(sources) + i
	}
	slices.SortStableFunc(l.diags, func(a, b *hcl.Diagnostic) int {
		return cmp.Or(
			order[a.Subject.Filename]-order[b.Subject.Filename],
			a.Subject.Start.Byte-b.Subject.Start.Byte,
			cmp.Compare(a.Detail, b.Detail),
		)
	})
	for _, s := range sources {
		l.secrets.literals(s.Bytes)
	}
	for _, d := range l.diags {
		d.Summary, d.Detail = l.secrets.hide(d.Summary), l.secrets.hide(d.Detail)
		// hcl's own writer prints the values of the variables that these name.
		d.Expression, d.EvalContext = nil, nil
	}
}
