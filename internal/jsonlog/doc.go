// Package jsonlog has the handler of slog that writes lines of the log in JSON. They are those of
// slog.JSONHandler, which takes twice as long: it formats numbers with a fraction, and levels once
// attributes are replaced, by reflection. There is a line for each file, and it was most of what
// logs, metrics and events together cost (BenchmarkLine; "What is seen" in docs/performance.md).
//
// It does not decide what stands in a line: attributes come from the loggers, and from the
// handlers in front of it.
package jsonlog
