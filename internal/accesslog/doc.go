// Package accesslog writes access logs and the audit. An access log has one line for each finished
// operation, or for each command of FTP, in a format that log analyzers for FTP servers read.
//
//	Reporter --> Set --> Log --> Queue --> writer --> file, standard output, syslog
//	                      \----> …
//
// A Log has one Format: W3C, with the fields and the header of IIS, Xferlog, as wu-ftpd,
// vsftpd and ProFTPD write it, or JSON. An audit is a Log that has logins, refusals, changes
// of the configuration and what operators do as well.
//
// A Set has the logs of one configuration. It is a sink of package observe. Prepare and Apply
// change its logs while events come, and Status says how they do:
//
//	logs := accesslog.NewSet(log, metrics)
//	next, err := logs.Prepare(options)
//	…
//	next.Apply()
//	defer logs.Close()
//
// A client never waits for a log. While a log cannot be written, its lines wait in memory up
// to a bound; further lines are dropped and counted. Waiting lines are written when the output
// works again. Close tries that a last time.
package accesslog
