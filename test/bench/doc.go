// Program bench measures the whole gateway: the built program runs in a process of its own, with
// clients on loopback. Its store is a Blob service in memory (internal/testing/azstub), over HTTPS,
// which can be as slow as Azure. bench prints the tables of docs/performance.md, with the targets
// of the numbers.
//
// bench only measures: a missed target fails no build. It runs on Linux, where /proc has the
// processor time of a process.
//
// # The floor
//
// Absolute numbers depend on the machine. So the same run measures a relay, also in a process of
// its own, which does only what every gateway must do: it copies bytes from the socket into pooled
// buffers and into HTTPS requests, or back. For listings, the relay only runs the pager of Azure's
// SDK. It knows neither FTP nor SSH, computes no checksum and checks nothing. The targets of the
// gateway are ratios to the relay.
//
// # Processes
//
// The clients and the Blob service run in the process of the benchmark. The gateway, the relay and
// OpenSSH's client run in processes of their own, and so does a client that is measured beside
// hundreds of others. Only the numbers of the gateway and of the relay are read from /proc. All
// processes share the machine, so the speed of a stream depends on all of them.
//
// # Adding a protocol
//
// A protocol is one value of the type protocol: its name, and how to open a session that is logged
// in. The tables list the rows of each protocol.
//
// Over SFTP, uploads use the library pkg/sftp. Downloads use a loop of READs in this package,
// because the library would use more processor time for them than the gateway.
//
// OpenSSH's client is not a value of this type, because it transfers files by itself and takes
// whole commands. It must be installed.
package main
