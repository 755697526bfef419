package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// otherNodes is how many nodes are compared when node.index is set.
const otherNodes = 10

// nodes evaluates the frontends as they are on other nodes, and warns of ports that two
// frontends of one node have, and of ports that two nodes announce. ec is the context of
// this node.
func nodes(blocks hcl.Blocks, types []Type, ec *hcl.EvalContext) hcl.Diagnostics {
	bodies := make([][]Body, otherNodes)
	for index := range bodies {
		bodies[index] = onNode(index, blocks, types, ec)
	}
	var diags hcl.Diagnostics
	for index, frontends := range bodies {
		if diags = usedTwice(index, frontends); len(diags) > 0 {
			break // the next nodes repeat it
		}
	}
	for f := range bodies[0] {
		diags = append(diags, announcedTwice(bodies, f)...)
	}
	return diags
}

// onNode decodes the frontends of the node with the index. The result has nil for a block
// that is wrong there. Locals keep the values of this node.
func onNode(index int, blocks hcl.Blocks, types []Type, ec *hcl.EvalContext) []Body {
	here := ec.Variables["node"]
	node := here.AsValueMap()
	node["index"] = cty.NumberIntVal(int64(index))
	// The expressions of the blocks are evaluated in contexts below this one.
	ec.Variables["node"] = cty.ObjectVal(node)
	defer func() { ec.Variables["node"] = here }()
	all := make([]Body, len(blocks))
	for i, b := range blocks {
		for _, t := range types {
			if t.Name() == b.Labels[0] {
				if body, diags := t.Decode(b.Body, ec); !diags.HasErrors() {
					all[i] = body
				}
			}
		}
	}
	return all
}

// usedTwice warns of ports on which two frontends of a node would listen.
func usedTwice(index int, frontends []Body) hcl.Diagnostics {
	var all []Listening
	for _, f := range frontends {
		listener, ok := f.(Listener)
		if !ok {
			continue
		}
		for _, b := range listener.Listens() {
			for _, a := range all {
				if port, both := overlap(a.Address, b.Address); both {
					return hcl.Diagnostics{Warning(b.At, "Port is used twice on another node",
						fmt.Sprintf("On the node with the index %d this is port %d, which is also used at %s. Choose ports that are further from each other.", index, port, place(a.At)))}
				}
			}
			all = append(all, b)
		}
	}
	return nil
}

// announcedTwice warns of ports that two nodes announce for one frontend. Nodes that
// announce the same ports, regardless of the index, have addresses of their own.
func announcedTwice(nodes [][]Body, frontend int) hcl.Diagnostics {
	first, ok := nodes[0][frontend].(Announcer)
	if !ok {
		return nil
	}
	a := first.Announces()
	for index := 1; index < len(nodes); index++ {
		other, ok := nodes[index][frontend].(Announcer)
		if !ok {
			return nil
		}
		b := other.Announces()
		if a.First == 0 || b.First == 0 || b.First == a.First || hostOf(a) != hostOf(b) {
			return nil
		}
		if port := max(a.First, b.First); port <= min(a.Last, b.Last) {
			return hcl.Diagnostics{Warning(b.At, "Two nodes announce one port",
				fmt.Sprintf("The nodes with the indexes 0 and %d both announce port %d, so data connections reach the wrong node. "+
					"Each node needs %d ports of its own, such as: port = %d + %d * node.index", index, port, a.Last-a.First+1, a.First, a.Last-a.First+1))}
		}
	}
	return nil
}

// hostOf returns the host for all clients.
func hostOf(a Announced) string {
	if len(a.Hosts) == 0 {
		return ""
	}
	return a.Hosts[0].Host
}
