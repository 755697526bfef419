// Package jsonlog has the handler of slog that writes lines of the log in JSON. It writes the same
// lines as slog.JSONHandler, which takes twice as long: that handler formats numbers with a
// fraction, and levels once attributes are replaced, by reflection. The log has a line for each
// file. With slog.JSONHandler, that line took most of the time that logs, metrics and events
// together took (BenchmarkLine; "What is seen" in docs/performance.md).
//
// It does not decide what stands in a line: attributes come from the loggers, and from the
// handlers in front of it.
package jsonlog
