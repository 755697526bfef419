package config

import (
	"log/slog"

	"github.com/hashicorp/hcl/v2"
)

// LogDiagnostics logs the problems of a configuration, one line for each.
func LogDiagnostics(log *slog.Logger, diags Diagnostics) {
	for _, d := range diags {
		attrs := []any{"problem", d.Summary, "detail", d.Detail}
		if d.Subject != nil {
			attrs = append(attrs, "at", d.Subject.String())
		}
		if d.Severity == hcl.DiagWarning {
			log.Warn("configuration warning", attrs...)
		} else {
			log.Error("configuration problem", attrs...)
		}
	}
}
