// Package expiry warns of what ends at a time, such as a certificate or a SAS, 30, 7 and 1
// days ahead, and when it has ended.
//
//	 more than 30 days   30 days   7 days   1 day   ended
//	───────────────────▶────────▶────────▶───────▶──────▶
//	 no line              WARN      WARN     WARN    ERROR
//
// Each Thing has one line for each step, and one for its present step at the start.
// Things of one kind, owner and step share a line, because 200 passwords may end on one
// day.
//
//	w := expiry.New(log, registry, things)
//	defer w.Close()
//	w.Run(ctx, changed)
//
// It reads no certificates and no files: its callers say when a Thing ends.
package expiry
