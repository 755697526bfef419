// Package offheap is memory that the garbage collector does not count. It lets
// the heap grow to twice of what is in use before it collects, so that a budget of
// bytes within the heap would be half of what the process takes.
//
// It is for large buffers whose owners know when nobody uses them any more, and
// keep those that they will need again: each costs calls of the system.
package offheap
