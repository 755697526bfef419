package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// WriteDiagnostics shows diagnostics to a person: the place, the summary, the
// line of the source with the place underlined, the detail.
//
//	tidegate.hcl:12:3: Unsupported argument
//	  12 |   acount = "contosoingest"
//	     |   ^^^^^^
//	  An argument named "acount" is not expected here. Did you mean "account"?
//
// It is used in place of hcl's own writer, which prints the values of variables
// and the literals of secrets.
func WriteDiagnostics(w io.Writer, sources []Source, diags hcl.Diagnostics) error {
	text := make(map[string][]byte, len(sources))
	for _, d := range diags {
		if d.Subject == nil {
			if _, err := fmt.Fprintf(w, "%s\n  %s\n\n", d.Summary, d.Detail); err != nil {
				return err
			}
			continue
		}
		name := d.Subject.Filename
		if _, ok := text[name]; !ok {
			for _, s := range sources {
				if s.Name == name {
					text[name] = blot(s.Bytes)
				}
			}
		}
		var b strings.Builder
		writeDiagnostic(&b, d, text[name])
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

func writeDiagnostic(b *strings.Builder, d *hcl.Diagnostic, src []byte) {
	severity := ""
	if d.Severity == hcl.DiagWarning {
		severity = "warning: "
	}
	at := d.Subject
	fmt.Fprintf(b, "%s:%d:%d: %s%s\n", at.Filename, at.Start.Line, at.Start.Column, severity, d.Summary)
	if line, before, marked, ok := quote(src, *at); ok {
		number := fmt.Sprintf("  %d", at.Start.Line)
		fmt.Fprintf(b, "%s | %s\n", number, line)
		fmt.Fprintf(b, "%*s | %s%s\n", len(number), "", blank(before), strings.Repeat("^", max(1, len([]rune(marked)))))
	}
	fmt.Fprintf(b, "  %s\n\n", d.Detail)
}

// quote returns the line on which the place begins, and of that line what
// stands before the place and in it.
func quote(src []byte, at hcl.Range) (line, before, marked string, ok bool) {
	start, end := at.Start.Byte, at.End.Byte
	if start < 0 || start > len(src) || end < start || len(src) == 0 {
		return "", "", "", false
	}
	begin := bytes.LastIndexByte(src[:start], '\n') + 1
	stop := len(src)
	if n := bytes.IndexByte(src[start:], '\n'); n >= 0 {
		stop = start + n
	}
	end = min(end, stop)
	printable := func(b []byte) string {
		return strings.Map(func(r rune) rune {
			if r != '\t' && (r < ' ' || r == 0x7f) {
				return '\uFFFD'
			}
			return r
		}, string(bytes.TrimSuffix(b, []byte("\r"))))
	}
	return printable(src[begin:stop]), printable(src[begin:start]), printable(src[start:end]), true
}

// blank returns white space as wide as the text.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}
