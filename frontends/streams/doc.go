// Package streams limits what is open at the stores for clients that read: the readers of
// downloads and the pages of listings.
//
// A client may open a file or a directory and not read on, or read slowly. What is open at the
// store for it has a connection to the store with its buffers, or a page of entries, and both
// are scarce. So a Stream that its client does not use is closed when another holder waits for
// its place, and opened again at the same position when the client goes on:
//
//	            Enter                     Leave
//	closed ───────────────▶ in use ───────────────────▶ idle
//	  ▲   waits for a place   │  ▲                       │ │
//	  │                       │  └───────── Enter ───────┘ │
//	  └─ Leave: nothing open ─┘                            │
//	  └──────────── closed: its place is wanted ───────────┘
//
// A Group are the Streams of one connection. It may have fewer open than the connection has
// handles. Groups of all connections share one fairshare.Resource.
//
// A Directory is a Stream that lists a directory: package vfs has no position within a
// directory, so it lists again and skips what was taken before.
//
// It is not for uploads: what they hold cannot be opened again.
//
// # Locks
//
// Group.mu is held for a moment each time. The lock of internal/fairshare is below it. Nothing
// is closed while it is held.
package streams
