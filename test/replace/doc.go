// Package replace tests that a process is replaced by another one while clients connect, log
// in and transfer, and that none of them is refused. It also tests deploy/systemd.
package replace
