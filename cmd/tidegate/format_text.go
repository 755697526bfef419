package main

import (
	"fmt"
	"io"
	"strings"
)

// writeSummary prints what a correct configuration has.
func writeSummary(w io.Writer, r result) error {
	var out strings.Builder
	t := totalsOf(r.config)
	fmt.Fprintf(&out, "%s is fine: %s, %s, %s, %s.\n", r.path,
		count(t.Backends, "backend"), count(t.Frontends, "frontend"), count(t.Tenants, "tenant"), count(t.Users, "user"))
	for _, b := range r.config.Backends {
		if bytes, bounded := largestFile(r.config, b); bounded {
			fmt.Fprintf(&out, "backend %s.%s: files of up to %s with transfers of %s.\n", b.Type, b.Name, size(bytes), size(r.config.Transfers.Memory))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
