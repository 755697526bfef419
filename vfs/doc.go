// Package vfs is the seam between protocols and stores: the interface that a
// store implements (Backend), and the tree that one user sees and every
// frontend works with (View).
//
// Data flows one way: bytes come in at a frontend, pass a View, and leave
// through a Backend. Whatever must be the same for all frontends and all stores
// happens in View, once: mounts, permissions, content types, the always
// existing home, operation and path in errors, observation. Whatever a protocol
// needs is the frontend's; whatever a store needs is the backend's.
//
// It is not a general file system: no links, no modes, no owners, no open for
// reading and writing at once, no seeking in a Writer. Nothing here keeps
// anything between two calls.
//
// # Guarantees
//
// Every Backend keeps these; vfstest names the one that each test proves.
//
//	G1  What was committed is what the next Stat, List and Open see.
//	G2  An aborted, cancelled or failed Writer or Copy leaves the old content,
//	    or nothing where nothing was, and no other trace that a client can see.
//	G3  Nobody ever sees a partial file.
//	G4  Rename and Copy of a file replace their target or fail; a reader of the
//	    target always finds the old or the new content.
//	G5  List yields every entry that stays there while it runs, once, and no
//	    name that a Path cannot hold.
//	G6  A cancelled context ends every call soon and leaves no goroutine.
//	G7  Every error has a kind, and the kind is the one that is documented.
//	G8  A Reader yields bytes of one version only.
//	G9  Caps tell the truth: what is declared works, what is not answers
//	    KindUnsupported.
//
// # Errors
//
// There is one error type and a closed set of kinds. A backend maps what its
// library says to a kind in one function; a frontend maps kinds to replies in
// one table; the client sees ReasonOf, the log the whole chain.
package vfs
