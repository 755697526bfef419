package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// backends resolves the backend blocks and returns them by "TYPE.NAME".
func (l *loader) backends(blocks hcl.Blocks) map[string]*Backend {
	byRef := make(map[string]*Backend, len(blocks))
	for _, b := range decodeTyped(l, blocks, l.registry.Backends) {
		backend := Backend(b)
		byRef[b.Type+"."+b.Name] = &backend
		l.config.Backends = append(l.config.Backends, &backend)
	}
	return byRef
}

func (l *loader) frontends(blocks hcl.Blocks) {
	for _, f := range decodeTyped(l, blocks, l.registry.Frontends) {
		frontend := Frontend(f)
		l.config.Frontends = append(l.config.Frontends, &frontend)
	}
}

// typed is a decoded block with two labels, its type and its name.
type typed struct {
	Type, Name string
	Config     Body
	At         hcl.Range
}

// decodeTyped decodes the blocks, each by the type that its label names. The result
// includes wrong blocks, so that references to them are not reported as well.
func decodeTyped(l *loader, blocks hcl.Blocks, types []Type) []typed {
	byName := make(map[string]Type, len(types))
	var known []string
	for _, t := range types {
		byName[t.Name()] = t
		known = append(known, t.Name())
	}
	var all []typed
	places := map[[2]string]hcl.Range{}
	for _, b := range blocks {
		block := typed{Type: b.Labels[0], Name: b.Labels[1], At: b.DefRange}
		if !hclsyntax.ValidIdentifier(block.Name) {
			l.problem(b.LabelRanges[1], "Invalid name",
				fmt.Sprintf("The name of a %s begins with a letter; letters, digits, \"_\" and \"-\" may follow.", b.Type))
		}
		key := [2]string{block.Type, block.Name}
		if first, ok := places[key]; ok {
			l.problem(b.LabelRanges[1], "Duplicate "+b.Type,
				fmt.Sprintf("%s %q %q is already defined at %s. Rename one of them.", b.Type, block.Type, block.Name, place(first)))
			continue
		}
		places[key] = b.LabelRanges[1]
		if t, ok := byName[block.Type]; ok {
			config, diags := t.Decode(b.Body, l.ec)
			l.report(b.DefRange, diags)
			block.Config = config
		} else {
			l.problem(b.LabelRanges[0], "Unknown type of "+b.Type,
				fmt.Sprintf("There is no %s of the type %q.%s", b.Type, block.Type, choices(block.Type, known)))
		}
		all = append(all, block)
	}
	return all
}
