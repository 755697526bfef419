package config

import (
	"fmt"
	"log/slog"

	"github.com/hashicorp/hcl/v2"
)

// LogDiagnostics logs the problems of a configuration, one line for each.
func LogDiagnostics(log *slog.Logger, diags Diagnostics) {
	for _, d := range diags {
		attrs := []any{"problem", d.Summary, "detail", d.Detail}
		if d.Subject != nil {
			attrs = append(attrs, "at", fmt.Sprintf("%s:%d:%d", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column))
		}
		if d.Severity == hcl.DiagWarning {
			log.Warn("configuration warning", attrs...)
		} else {
			log.Error("configuration problem", attrs...)
		}
	}
}
