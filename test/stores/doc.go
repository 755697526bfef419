// Package stores has the guarantees of a store proven over further services, and over further
// forms of one, behind Backends with which the suite of vfs/vfstest runs whole in their own
// packages. They run here without the race detector, which sees the same code there.
package stores
