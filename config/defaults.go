package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// layers returns the definitions in the block, the nearest first.
func (b *inheritedBlock) layers() []layer {
	if b == nil {
		return nil
	}
	inner, ok := b.Body.(*body)
	if !ok {
		return nil
	}
	return inner.layers
}

// inherited has the definitions that blocks inherit, by the type of the block.
type inherited map[string][]layer

// defaults reads the block at the top of the configuration.
func (l *loader) defaults(b *hcl.Block) {
	if b == nil {
		return
	}
	var block defaultsBlock
	l.decode(b, &block)
	l.knownNames(b.Body.(*body), reflect.TypeFor[defaultsBlock]())
	l.inherited = inherited{"tenant": block.Tenant.layers(), "mount": block.Mount.layers(), "user": block.User.layers()}
}

// complete lets a tenant's body inherit from the defaults, and its mounts and users from
// those of the tenant and of the whole configuration.
func (l *loader) complete(b *hcl.Block) *body {
	tenant, at := b.Labels[0], b.LabelRanges[0]
	own := b.Body.(*body)
	own.layers = append(own.layers, l.inherited["tenant"]...)
	own.owners = own.owners.with("tenant", at, map[string]string{"name": tenant})

	near := l.tenantDefaults(own)
	own.child = func(block *hcl.Block, inner *body) {
		inner.layers = append(inner.layers, near[block.Type]...)
		if block.Type == "mount" || block.Type == "user" {
			inner.layers = append(inner.layers, l.inherited[block.Type]...)
		}
		if block.Type == "user" && len(block.Labels) == 1 {
			user := block.Labels[0]
			inner.owners = inner.owners.with("user", block.LabelRanges[0], map[string]string{"name": user, "login": user + "@" + tenant})
		}
	}
	return own
}

// nameUser adds the user to problems whose places are in what the user inherits: a value
// there can be wrong for one user and right for others.
func (l *loader) nameUser(diags hcl.Diagnostics, b *userBlock, of *Tenant) {
	own, ok := b.Body.(*body)
	for _, d := range diags {
		if ok && d.Severity == hcl.DiagError && !own.has(*d.Subject) && *d.Subject != b.NameRange && *d.Subject != b.DefRange {
			d.Detail += fmt.Sprintf(" This is about user %q of tenant %q.", b.Name, of.Name)
		}
	}
}

// inheritedUser fills the block of a user that no file of the configuration has with what a
// block of that name would inherit. at is the place of the name.
func (l *loader) inheritedUser(tenant hcl.Body, name string, at hcl.Range, into *userBlock) {
	into.Name, into.NameRange = name, at
	of, ok := tenant.(*body)
	if !ok || of.child == nil {
		return
	}
	user := &body{layers: []layer{{{syntax: &hclsyntax.Body{SrcRange: at, EndRange: at}, ctx: l.ec}}}, owners: of.owners}
	of.child(&hcl.Block{Type: "user", Labels: []string{name}, LabelRanges: []hcl.Range{at}}, user)
	if len(user.layers) > 1 {
		l.report(at, gohcl.DecodeBody(user, l.ec, into))
	}
}

// tenantDefaults reads the block "defaults" of a tenant.
func (l *loader) tenantDefaults(b *body) inherited {
	all := inherited{}
	content, _, _ := b.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "defaults"}}})
	for _, d := range content.Blocks {
		var block tenantDefaultsBlock
		l.decode(d, &block)
		l.knownNames(d.Body.(*body), reflect.TypeFor[tenantDefaultsBlock]())
		all["mount"] = append(all["mount"], block.Mount.layers()...)
		all["user"] = append(all["user"], block.User.layers()...)
	}
	return all
}

// knownNames reports arguments and blocks of defaults that the struct does not have. Blocks
// that inherit from the defaults do not report them.
func (l *loader) knownNames(b *body, of reflect.Type) {
	schema, _ := gohcl.ImpliedBodySchema(reflect.Zero(of).Interface())
	own := &body{layers: b.layers[:1], owners: anyOwner}
	content, diags := own.Content(optional(schema))
	for _, d := range diags {
		if isUnsupported(d) || strings.HasPrefix(d.Summary, "Extraneous ") || strings.HasPrefix(d.Summary, "Missing ") {
			l.report(b.MissingItemRange(), hcl.Diagnostics{d})
		}
	}
	for _, block := range content.Blocks {
		if inner, ok := decodedBy(of, block.Type); ok {
			l.knownNames(block.Body.(*body), inner)
		}
	}
}

// decodedBy returns the struct that decodes the blocks of a type in the body that another
// struct decodes.
func decodedBy(of reflect.Type, blockType string) (reflect.Type, bool) {
	for i := range of.NumField() {
		name, kind, _ := strings.Cut(of.Field(i).Tag.Get("hcl"), ",")
		if name != blockType || kind != "block" {
			continue
		}
		inner := of.Field(i).Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner != reflect.TypeFor[inheritedBlock]() {
			return inner, true
		}
		switch blockType {
		case "tenant":
			return reflect.TypeFor[tenantBlock](), true
		case "mount":
			return reflect.TypeFor[mountBlock](), true
		default:
			return reflect.TypeFor[userBlock](), true
		}
	}
	return nil, false
}
