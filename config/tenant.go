package config

import (
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

func (l *loader) tenants(blocks hcl.Blocks, backends map[string]*Backend, authorities map[string]*Authority) {
	byName := map[string]hcl.Range{}
	byLogin, byHost := logins{}, map[string]hcl.Range{}
	for _, b := range l.merged(blocks) {
		b.Body = l.complete(b)
		var body tenantBlock
		l.decode(b, &body)
		l.meansHash(body.Users)
		tenant := &Tenant{Name: b.Labels[0]}
		at := b.LabelRanges[0]
		if err := auth.CheckTenant(tenant.Name); err != nil {
			l.problem(at, "Invalid tenant name", fmt.Sprintf("This cannot name a tenant: %v.", err))
		} else if first, ok := byName[auth.Fold(tenant.Name)]; ok {
			l.problem(at, "Duplicate tenant",
				fmt.Sprintf("A tenant with this name is already defined at %s; case does not matter. Write the mounts and users there, or in another file under the same name.", place(first)))
		} else {
			byName[auth.Fold(tenant.Name)] = at
		}
		if len(body.Mounts) == 0 && !misspelt(b.Body, l.diags) {
			l.problem(b.DefRange, "Tenant without a mount", `Its users would see nothing. Write: mount "/" { backend = backend.TYPE.NAME }`)
		}
		var certified bool
		tenant.Authorities, certified = l.keys(body.TrustedUserCAKeys, auth.ParseAuthorities)
		tenant.Revoked = l.revoked(body.RevokedKeys)
		tenant.Hosts = l.hosts(body.Hosts, byHost)
		tenant.Networks = l.networks(body.Networks)
		if tenant.Authority = l.authorityOf(body.Auth, authorities); tenant.Authority != nil {
			tenant.answering = &answering{l.ec, b.Body}
		}
		tenant.Mounts = l.mounts(body.Mounts, backends)
		tenant.Limits = l.limits(body.Limits)
		for i := range body.Users {
			reported := len(l.diags)
			tenant.Users = append(tenant.Users, l.user(&body.Users[i], tenant, certified))
			l.nameUser(l.diags[reported:], &body.Users[i], tenant)
			l.login(byLogin, tenant.Name, body.Users[i].Name, body.Users[i].NameRange)
		}
		l.usersOf(&body, tenant, certified, byLogin)
		l.config.Tenants = append(l.config.Tenants, tenant)
	}
	l.certified(byHost)
}

// merged returns the blocks of tenants. Blocks with the same label in several files are one
// tenant.
func (l *loader) merged(blocks hcl.Blocks) (all hcl.Blocks) {
	byName := map[string]*body{}
	for _, b := range blocks {
		more := b.Body.(*body)
		first, ok := byName[b.Labels[0]]
		if !ok {
			byName[b.Labels[0]] = more
		}
		if !ok || first.inFile(more.layers[0][0].syntax.SrcRange.Filename) {
			all = append(all, b)
			continue
		}
		first.layers[0] = append(first.layers[0], more.layers[0]...)
	}
	return all
}

func (l *loader) mounts(blocks []mountBlock, backends map[string]*Backend) []Mount {
	var mounts []Mount
	seen := map[vfs.Path]hcl.Range{}
	for i := range blocks {
		b := &blocks[i]
		m := Mount{CacheControl: b.CacheControl}
		m.At = l.path(b.At, b.AtRange, true)
		if first, ok := seen[m.At]; ok {
			l.problem(b.AtRange, "Duplicate mount", fmt.Sprintf("%q is already mounted at %s. Each place in the tree has one store.", m.At, place(first)))
		} else {
			seen[m.At] = b.AtRange
		}
		m.Backend = l.backendOf(b, backends)
		m.Path = l.path(b.Path, b.PathRange, false)
		if b.AccessRange != (hcl.Range{}) {
			l.report(b.DefRange, OneOf("access", b.Access, b.AccessRange, "read", "read_write"))
		}
		m.ReadOnly = b.Access == "read"
		if b.ParentsRange != (hcl.Range{}) {
			l.report(b.DefRange, OneOf("parents", b.Parents, b.ParentsRange, "create", "require"))
		}
		m.RequireParents = b.Parents == "require"
		if strings.ContainsFunc(b.CacheControl, func(r rune) bool { return r < ' ' || r > '~' }) {
			l.problem(b.CacheControlRange, "Invalid cache_control", `Write the value of an HTTP header, such as "public, max-age=300".`)
		}
		m.ContentTypes = l.contentTypes(b)
		mounts = append(mounts, m)
	}
	return mounts
}

// backendOf resolves a mount's reference to a backend.
func (l *loader) backendOf(b *mountBlock, backends map[string]*Backend) *Backend {
	var known, misnamed []string // misnamed are those of an unknown type
	for _, name := range slices.Sorted(maps.Keys(backends)) {
		if backends[name].Config == nil {
			misnamed = append(misnamed, backends[name].Name)
		} else {
			known = append(known, "backend."+name)
		}
	}
	at := b.Backend.Range()
	if at.Empty() {
		if misspelt(b.Body, l.diags) {
			return nil
		}
		l.problem(b.DefRange, "Mount without a backend", "Write: backend = backend.TYPE.NAME, with the labels of a backend block."+referrable(known))
		return nil
	}
	parts, ok := l.reference(b.Backend)
	if !ok {
		l.problem(at, "Invalid reference to a backend", "Write backend.TYPE.NAME without quotes, with the labels of a backend block."+referrable(known))
		return nil
	}
	ref := strings.Join(parts, ".")
	found, ok := backends[strings.TrimPrefix(ref, "backend.")]
	if !ok {
		if slices.Contains(misnamed, parts[2]) {
			return nil // the unknown type has been reported
		}
		near := ""
		if n := Nearest(ref, known); n != "" {
			near = " Did you mean " + n + "?"
		}
		l.problem(at, "Unknown backend", fmt.Sprintf("There is no block backend %q %q.%s%s", parts[1], parts[2], near, referrable(known)))
		return nil
	}
	return found
}

// contentTypes reads the map of extensions.
func (l *loader) contentTypes(b *mountBlock) map[string]string {
	var types map[string]string
	for _, p := range l.pairs(b.ContentTypes) {
		extension := strings.ToLower(strings.TrimPrefix(p.key, "."))
		if extension == "" || strings.ContainsAny(extension, "./") {
			l.problem(p.at, "Invalid extension", `Write the part after the last dot of the name, such as: gz = "application/gzip"`)
			continue
		}
		if _, _, err := mime.ParseMediaType(p.value); err != nil || !strings.Contains(p.value, "/") {
			l.problem(p.at, "Invalid content type", `Write a media type, such as "text/plain; charset=utf-8".`)
			continue
		}
		if _, ok := types[extension]; ok {
			l.problem(p.at, "Duplicate extension", "The map has this extension more than once; case and a leading dot do not matter.")
			continue
		}
		if types == nil {
			types = map[string]string{}
		}
		types[extension] = p.value
	}
	return types
}

// path parses a path of the configuration. Unlike a client's path it must not contain "." or
// "..", which a template could have from a name, and an absolute one needs a leading slash.
func (l *loader) path(text string, at hcl.Range, absolute bool) vfs.Path {
	p, err := vfs.ParsePath(vfs.Path{}, text)
	switch {
	case err != nil:
		l.problem(at, "Invalid path", fmt.Sprintf("This cannot be a path: %s.", vfs.ReasonOf(err)))
	case slices.Contains(strings.Split(text, "/"), ".."), slices.Contains(strings.Split(text, "/"), "."):
		l.problem(at, "Invalid path", `Write the path without "." and "..".`)
	case absolute && !strings.HasPrefix(text, "/"):
		l.problem(at, "Invalid path", fmt.Sprintf("Write the path from the root: %q.", "/"+text))
	}
	return p.Place()
}
