package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/tidegate/tidegate/config"
)

// GitHub's escapes in the text of an annotation, and in its properties.
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes an annotation for each problem, as GitHub Actions reads it:
//
//	::error file=tidegate.hcl,line=3,col=5,endLine=3,endColumn=11,title=Unsupported argument::Did you mean "account"?
func writeGitHub(w io.Writer, r result) error {
	var b strings.Builder
	for _, f := range config.Findings(r.diags) {
		properties := ""
		if f.File != "" {
			properties = fmt.Sprintf("file=%s,line=%d,col=%d,", githubProperty.Replace(f.File), f.Line, f.Column)
			// GitHub takes columns of one line only.
			if f.EndLine == f.Line && f.EndColumn > f.Column {
				properties += fmt.Sprintf("endLine=%d,endColumn=%d,", f.EndLine, f.EndColumn)
			}
		}
		fmt.Fprintf(&b, "::%s %stitle=%s::%s\n", f.Severity, properties, githubProperty.Replace(f.Summary), githubText.Replace(f.Detail))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
