package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var (
	parameterWrong = regexp.MustCompile(`(?s)^Invalid value for "[^"]*" parameter: (.*)$`)
	missingLabel   = regexp.MustCompile(`^All (\S+) blocks must have \d+ labels \(([^)]*)\)\.$`)
	extraLabel     = regexp.MustCompile(`^Only \d+ labels \(([^)]*)\) are expected for (\S+) blocks\.$`)
	missingBlock   = regexp.MustCompile(`^A (\S+) block is required\.$`)
	missingValue   = regexp.MustCompile(`^The argument "([^"]*)" is required, but no definition was found\.$`)
	misspeltName   = regexp.MustCompile(`^An argument named "([^"]*)" is not expected here\.`)
	suggested      = regexp.MustCompile(`Did you mean "([^"]*)"\?`)
	rangeOfHCL     = regexp.MustCompile(`:(\d+),(\d+)-(\d+,)?\d+`)
)

// reword replaces hcl's texts about types, labels, blocks and functions by texts with a
// remedy. It uses no values.
func reword(d *hcl.Diagnostic) {
	if d.Summary == "Unsuitable value type" {
		d.Detail = valueAdvice(d.Detail)
		return
	}
	if m := parameterWrong.FindStringSubmatch(d.Detail); m != nil {
		d.Detail = strings.ToUpper(m[1][:1]) + m[1][1:]
	} else if m := missingLabel.FindStringSubmatch(d.Detail); m != nil {
		d.Detail = "Write: " + header(m[1], m[2])
	} else if m := extraLabel.FindStringSubmatch(d.Detail); m != nil {
		d.Detail = "There is one label too many. Write: " + header(m[2], m[1])
	} else if m := missingBlock.FindStringSubmatch(d.Detail); m != nil {
		d.Detail = fmt.Sprintf("Write a block: %s { … }", m[1])
	} else if m := missingValue.FindStringSubmatch(d.Detail); m != nil {
		d.Detail = fmt.Sprintf("Write: %s = …", m[1])
	} else if strings.HasPrefix(d.Summary, "Duplicate ") || d.Summary == "Attribute redefined" {
		d.Detail = rangeOfHCL.ReplaceAllString(d.Detail, ":$1:$2")
	}
}

// header returns the first line of a block whose labels have the names.
func header(block, labels string) string {
	text := block
	for name := range strings.SplitSeq(labels, ", ") {
		text += fmt.Sprintf(" %q", strings.ToUpper(name))
	}
	return text + " { … }"
}

// valueAdvice returns the remedy for a value of the wrong type. text is hcl's sentence
// about it.
func valueAdvice(text string) string {
	text, _, _ = strings.Cut(text, ", but have ")
	for _, kind := range []struct{ word, advice string }{
		{"list of string", `Write a list of texts: ["…", "…"].`},
		{"map of string", `Write a map of texts: { name = "…" }.`},
		{"whole number", "Write a whole number, without quotes."},
		{"number", "Write a number, without quotes."},
		{"bool", "Write true or false, without quotes."},
		{"string", `Write one text in quotes: "…".`},
	} {
		if strings.Contains(text, kind.word) {
			return kind.advice
		}
	}
	return "Write a value of the documented type, or leave the line out."
}

// withoutMissing removes diagnostics about a missing name when a misspelt one explains it:
// that is one mistake.
func withoutMissing(diags hcl.Diagnostics) hcl.Diagnostics {
	kept := slices.Clone(diags)
	for _, d := range diags {
		m := suggested.FindStringSubmatch(d.Detail)
		if m == nil || !isUnsupported(d) || d.Subject == nil {
			continue
		}
		// The place of a missing argument is the header of its block: the last header
		// before the misspelt name.
		last := -1
		for i, other := range kept {
			if missingName(other) == m[1] && other.Subject != nil && other.Subject.Filename == d.Subject.Filename &&
				other.Subject.Start.Byte <= d.Subject.Start.Byte &&
				(last < 0 || other.Subject.Start.Byte > kept[last].Subject.Start.Byte) {
				last = i
			}
		}
		if last >= 0 {
			kept = slices.Delete(kept, last, last+1)
		}
	}
	return kept
}

// missingName returns the name that a diagnostic of hcl reports as missing, or "".
func missingName(d *hcl.Diagnostic) string {
	for _, missing := range []*regexp.Regexp{missingValue, missingBlock} {
		if m := missing.FindStringSubmatch(d.Detail); m != nil {
			return m[1]
		}
	}
	return ""
}

// isUnsupported reports whether a diagnostic is about an unknown name.
func isUnsupported(d *hcl.Diagnostic) bool {
	return d.Summary == "Unsupported argument" || d.Summary == "Unsupported block type"
}

// misspelt reports whether the body has an unknown name, inner blocks excepted. A missing
// name in it may be the one that was misspelt.
func misspelt(of hcl.Body, diags hcl.Diagnostics) bool {
	if b, ok := of.(*body); ok && b.incomplete {
		return true
	}
	return slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool {
		return isUnsupported(d) && d.Subject != nil &&
			slices.ContainsFunc(syntaxOf(of), func(b *hclsyntax.Body) bool { return hasName(b, *d.Subject) })
	})
}

// hasName reports whether the place is that of the name of an argument or a block in the
// body, inner blocks excepted.
func hasName(b *hclsyntax.Body, at hcl.Range) bool {
	for _, a := range b.Attributes {
		if a.NameRange == at {
			return true
		}
	}
	return slices.ContainsFunc(b.Blocks, func(inner *hclsyntax.Block) bool {
		return inner.TypeRange == at || inner.Type == "dynamic" && len(inner.LabelRanges) > 0 && inner.LabelRanges[0] == at
	})
}

// follow removes the problems of a check that are about a block, and not about a value,
// when the same block has an unknown name.
func follow(body hcl.Body, failed, checked hcl.Diagnostics) hcl.Diagnostics {
	written := syntaxOf(body)
	if len(written) == 0 {
		return checked
	}
	return slices.DeleteFunc(checked, func(d *hcl.Diagnostic) bool {
		if d.Subject == nil || d.Subject.Filename == "" {
			return failed.HasErrors()
		}
		inner, value := locate(written[0], *d.Subject)
		return !value && misspelt(inner, failed)
	})
}

// locate returns the innermost body that contains the place, or the body of the block whose
// header does, and whether the place is in an argument or a label.
func locate(b *hclsyntax.Body, at hcl.Range) (inner *hclsyntax.Body, value bool) {
	for _, a := range b.Attributes {
		if a.SrcRange.ContainsPos(at.Start) {
			return b, true
		}
	}
	for _, block := range b.Blocks {
		for _, label := range block.LabelRanges {
			if label.ContainsPos(at.Start) {
				return b, true
			}
		}
		if block.Range().ContainsPos(at.Start) {
			return locate(block.Body, at)
		}
	}
	return b, false
}
