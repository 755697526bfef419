package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

var (
	// misspelt matches what hcl says about an argument whose right name it knows.
	misspelt = regexp.MustCompile(`Did you mean "([^"]+)"\?$`)
	// required matches what hcl says about an argument that is missing.
	required = regexp.MustCompile(`^The argument "([^"]+)" is required`)
	// unsuitable matches what hcl says about a value of another type.
	unsuitable = regexp.MustCompile(`^Unsuitable value: (.*?)(?: is)? required(, but have tuple|, but have object)?$`)
)

// clearer returns hcl's diagnostics in the words of the documentation. An argument
// whose name is misspelt is reported once, not as missing as well.
func clearer(diags hcl.Diagnostics) hcl.Diagnostics {
	kept := slices.Clone(diags)
	for _, d := range diags {
		m := misspelt.FindStringSubmatch(d.Detail)
		if m == nil || d.Subject == nil {
			continue
		}
		// The place of a missing argument is the header of its block: the last
		// one in front of the misspelt one.
		missing := -1
		for i, other := range kept {
			r := required.FindStringSubmatch(other.Detail)
			if r != nil && r[1] == m[1] && other.Subject != nil && other.Subject.Filename == d.Subject.Filename &&
				other.Subject.Start.Byte <= d.Subject.Start.Byte &&
				(missing < 0 || other.Subject.Start.Byte > kept[missing].Subject.Start.Byte) {
				missing = i
			}
		}
		if missing >= 0 {
			kept = slices.Delete(kept, missing, missing+1)
		}
	}
	for i, d := range kept {
		if m := unsuitable.FindStringSubmatch(d.Detail); m != nil {
			clear := *d
			clear.Detail = "Write " + valueOf(m[1]) + "."
			switch {
			case strings.HasSuffix(m[2], "tuple"):
				clear.Detail = "This is a list. " + clear.Detail
			case strings.HasSuffix(m[2], "object"):
				clear.Detail = "This is a map. " + clear.Detail
			}
			kept[i] = &clear
		}
	}
	return kept
}

// valueOf describes a value of one of HCL's types.
func valueOf(hclType string) string {
	switch strings.TrimPrefix(hclType, "a ") {
	case "string":
		return `a text, in quotes`
	case "bool":
		return "true or false, without quotes"
	case "number":
		return "a number"
	}
	return "a " + strings.TrimPrefix(hclType, "a ")
}
