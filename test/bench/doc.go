// Program bench measures the gateway as a whole: the built program in a process
// of its own, real clients of ours on loopback, and in front of it a Blob
// service in memory (internal/testing/azstub) over HTTPS, which can be as slow as Azure.
// It prints the tables of docs/performance.md, each number beside its target.
//
// It measures and decides nothing: a missed target fails no build. It
// runs on Linux, where /proc has the processor time of a process.
//
// # The floor
//
// Absolute numbers are those of the machine. So the same run measures a relay,
// also a process of its own, that does only what every gateway must: from the
// socket into pooled buffers and into HTTPS requests, or back; and, for
// listings, the pager of Azure's SDK alone. It knows neither FTP nor SSH, computes
// no checksum and checks nothing. What counts is the ratio to it.
//
// # Processes
//
// Clients and service share the process of the benchmark; gateway, relay and
// OpenSSH's client have theirs, and so has a client that is measured beside hundreds of
// others. What is read from /proc is the gateway's own, or
// the relay's. All share the machine, so a stream is as fast as they together
// allow.
//
// # Adding a protocol
//
// A protocol is one value of that type: its name, and how to open a session
// that is logged in. The tables list the rows that each protocol has.
//
// Over SFTP, uploads use the library pkg/sftp, and downloads a loop of READs of ours: the
// library would take more processor time for them than the gateway.
//
// OpenSSH's client is no such value: it moves files of its own and takes whole
// commands. It has to be installed.
package main
