// Package offheap is memory that the garbage collector does not count. It lets
// the heap grow to twice of what is in use before it collects, so that a budget of
// bytes within the heap would be half of what the process takes.
//
// It is for large buffers whose owners know when nobody uses them any more, and
// keep those that they will need again: each costs calls of the system.
//
// An Arena places many of one size beside each other, so that Linux can back them with
// huge pages: a transfer's buffers are more than the processor can translate the addresses
// of at once, and in a virtual machine each further page of 4 KiB costs as much as copying
// it. An upload over FTP took a third more processor time without. The system's setting
// /sys/kernel/mm/transparent_hugepage/enabled has to be "madvise", as distributions have
// it, or "always".
package offheap
