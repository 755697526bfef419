package config

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Finding is a problem or a warning for other programs. It has no text of the sources.
type Finding struct {
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	// Rule is the summary as one word, which names the kind of problem.
	Rule    string `json:"rule"`
	Summary string `json:"summary"`
	Detail  string `json:"detail"`
	// File is empty for a problem without a place. Lines and columns begin with 1; the end
	// is behind the last character.
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

// Findings returns the diagnostics for other programs.
func Findings(diags hcl.Diagnostics) []Finding {
	all := make([]Finding, 0, len(diags))
	for _, d := range diags {
		f := Finding{
			Severity: "error", Rule: RuleOf(d.Summary),
			Summary: printable([]byte(d.Summary)), Detail: printable([]byte(d.Detail)),
		}
		if d.Severity == hcl.DiagWarning {
			f.Severity = "warning"
		}
		if at := d.Subject; at != nil {
			f.File, f.Line, f.Column = printable([]byte(at.Filename)), at.Start.Line, at.Start.Column
			f.EndLine, f.EndColumn = at.End.Line, at.End.Column
		}
		all = append(all, f)
	}
	return all
}

var noWord = regexp.MustCompile(`[^a-z0-9]+`)

// RuleOf returns the summary of a diagnostic as one word: "certificate-has-expired".
func RuleOf(summary string) string {
	return strings.Trim(noWord.ReplaceAllString(strings.ToLower(summary), "-"), "-")
}
