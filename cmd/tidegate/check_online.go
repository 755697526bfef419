package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
)

// clockTolerance is the difference of clocks above which check warns. Azure refuses
// signatures above 15 minutes.
const clockTolerance = time.Minute

// online opens the stores, and reports those that cannot be used.
func online(ctx context.Context, c *config.Config, write bool) ([]gateway.StoreCheck, config.Diagnostics) {
	stores := gateway.CheckStores(ctx, c, write)
	var diags config.Diagnostics
	for _, s := range stores {
		diags = append(diags, storeProblems(s)...)
	}
	return stores, diags
}

// storeProblems returns the problems of one store, at the place of its block.
func storeProblems(s gateway.StoreCheck) config.Diagnostics {
	var diags config.Diagnostics
	if s.Err != nil {
		summaries := map[string]string{
			"open": "Store cannot be opened", "list": "Store cannot be listed", "write": "Store cannot be written", "remove": "Files in the store cannot be deleted",
		}
		summary, ok := summaries[s.Step]
		if !ok {
			summary = "Store cannot be closed"
		}
		detail := sentenceOf(strings.TrimPrefix(s.Err.Error(), s.Backend.Type+": "))
		if s.Remedy != "" && !strings.Contains(detail, s.Remedy) {
			detail += " " + sentenceOf(s.Remedy)
		}
		diags = append(diags, config.Problem(s.Backend.At, summary, detail))
	}
	if s.ClockKnown && s.Clock.Abs() > clockTolerance {
		diags = append(diags, config.Warning(s.Backend.At, "Clock differs from the store's",
			fmt.Sprintf("This machine's clock is %s the service's. The service refuses requests from a difference of 15 minutes on: set up NTP.", behind(s.Clock))))
	}
	return diags
}

// behind says how far this machine's clock is behind or ahead of another.
func behind(ahead time.Duration) string {
	if ahead < 0 {
		return ahead.Abs().Round(time.Second).String() + " ahead of"
	}
	return ahead.Round(time.Second).String() + " behind"
}

// sentenceOf makes a sentence of the text of an error.
func sentenceOf(text string) string {
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// writeStores prints what was found out about the stores.
func writeStores(w io.Writer, stores []gateway.StoreCheck) error {
	var out strings.Builder
	for _, s := range stores {
		if s.Err != nil {
			continue
		}
		fmt.Fprintf(&out, "backend %s.%s: open and listed within %v", s.Backend.Type, s.Backend.Name, s.Took.Round(time.Millisecond))
		if s.Wrote != "" {
			fmt.Fprintf(&out, ", %s written and removed", s.Wrote)
		}
		if s.ClockKnown {
			fmt.Fprintf(&out, ", this machine's clock is %s the service's", behind(s.Clock))
		}
		out.WriteString(".\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// receiverProblems reports the receivers of events that cannot be reached.
func receiverProblems(all []gateway.ReceiverCheck) config.Diagnostics {
	var diags config.Diagnostics
	for _, r := range all {
		if r.Err != nil {
			diags = append(diags, config.Problem(r.Event.At, "Receiver of events cannot be reached", sentenceOf(reasonOf(r))))
		}
	}
	return diags
}

// reasonOf says why a receiver cannot be reached.
func reasonOf(r gateway.ReceiverCheck) string {
	if errors.Is(r.Err, context.DeadlineExceeded) {
		return fmt.Sprintf("it has not answered within %v", r.Event.Settings.Timeout)
	}
	return r.Err.Error()
}

// writeReceivers prints what the receivers of events have answered.
func writeReceivers(w io.Writer, all []gateway.ReceiverCheck) error {
	var out strings.Builder
	for _, r := range all {
		if r.Err == nil {
			fmt.Fprintf(&out, "event %s.%s: %s, within %v.\n", r.Event.Type, r.Event.Name, r.Answer, r.Took.Round(time.Millisecond))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
