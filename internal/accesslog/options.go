package accesslog

import "time"

// Format is the format of a log.
type Format string

// The formats.
const (
	W3C     Format = "w3c"
	Xferlog Format = "xferlog"
	JSON    Format = "json"
)

// Options describe one log. Two that are equal describe the same log.
type Options struct {
	// Name is that of the block: "access_log.main". Metrics and the log have it.
	Name string
	// Audit is true for an audit, which is JSON.
	Audit  bool
	Format Format
	// Node is the name of the node.
	Node string
	// Stat adds lines about operations that only look: STAT of SFTP, SIZE, MDTM, CWD of FTP.
	// W3C has lines for every command of FTP anyway.
	Stat bool
	// File is the path of the file. Without it and with an empty Syslog.Facility, the lines go
	// to the standard output.
	File   string
	Rotate Rotate
	Syslog Syslog
}

// Rotate says when a file is renamed to File.1, File.1 to File.2 and so on. The zero value
// never does it.
type Rotate struct {
	// Size is the size that a file does not exceed, 0 for any. It may exceed it by one line.
	Size int64
	// Every is the length of the periods of which each has a file, 0 for no periods. They
	// begin at midnight UTC of some day.
	Every time.Duration
	// Keep is how many renamed files are kept, at least 1.
	Keep int
}

// Syslog is a syslog server. The zero value is none.
type Syslog struct {
	// Network is "udp" or "tcp", or "unix" or "" for the machine's own server. Address is the
	// address of a server on a network, or the path of a unix socket: with "", that of the
	// system.
	Network, Address string
	// Facility is one of Facilities.
	Facility string
}

// Facilities returns the names of the facilities of syslog, each with its number.
func Facilities() map[string]int {
	return map[string]int{
		"kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11,
		"local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21, "local6": 22, "local7": 23,
	}
}
