// Package vfs is the interface between protocols and stores. A store implements Backend. A
// frontend works with a View, which is the tree that one user sees.
//
// Bytes come in at a frontend, pass a View, and leave through a Backend. View does once
// what must be the same for all frontends and all stores: mounts, permissions, content
// types, a home that always exists, the operation and the path in errors, observation.
// Frontends do what a protocol needs, backends do what a store needs.
//
// It is not a general file system: it has no links, no modes and no owners. A file is not
// opened for reading and writing at once, and a Writer cannot seek. The package keeps no
// data between two calls.
//
// # Guarantees
//
// Every Backend gives these guarantees. Each test of vfstest names the one that it proves.
//
//	G1  The next Stat, List and Open see what was committed.
//	G2  An aborted, cancelled or failed Writer or Copy leaves the old content,
//	    or nothing where nothing was, and no other trace that a client can see.
//	G3  A partial file is never visible.
//	G4  Rename and Copy of a file replace their target or fail; a reader of the
//	    target always finds the old or the new content.
//	G5  List yields every entry that stays there while it runs, once, and no
//	    name that a Path cannot hold.
//	G6  A cancelled context ends every call soon and leaves no goroutine.
//	G7  Every error has a kind, and the kind is the one that is documented.
//	G8  A Reader yields bytes of one version only.
//	G9  Caps are true: what is declared works, everything else returns
//	    KindUnsupported.
//
// # Errors
//
// There is one error type and a closed set of kinds. A backend maps the errors of its
// library to kinds in one function. A frontend maps kinds to replies in one table. The
// client sees ReasonOf, the log has the whole chain.
package vfs
