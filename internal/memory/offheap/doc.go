// Package offheap is memory that the garbage collector does not count. The collector lets the
// heap grow to twice the size of the live heap. So a process with a budget within the heap
// would take twice that budget.
//
// It is for large buffers whose owners know when the buffers are no longer used. An owner keeps
// the buffers that it will need again, because each Alloc and Free is a system call.
//
// An Arena places many buffers of one size beside each other, so that Linux can back them with
// huge pages. The buffers of a transfer have more pages of 4 KiB than the processor's TLB holds,
// and in a virtual machine a TLB miss costs as much as copying the page. An upload over FTP took
// a third more processor time without huge pages. The system's setting
// /sys/kernel/mm/transparent_hugepage/enabled has to be "madvise", as distributions have
// it, or "always".
package offheap
