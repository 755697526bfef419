// Package chunk is the memory that transfers use: one pool of chunks under one
// budget for the whole process.
//
// A transfer takes a chunk when it has bytes to put into it, so a slow client
// holds about what it sent. Chunks collect into a Block, and a Block is read
// from its chunks without being joined. When the budget is spent, Get waits, and
// with it the client. The call whose tenant, user and connection have the least is
// served first, and those that have more than their share leave a small reserve to
// those that have less.
//
// # Pressure
//
// Chunks that are on their way to the store (Block.Send) come back without any action of a
// client. Chunks of a block that still grows do not: its client may pause for an hour. So while
// a call of Get waits, the pool asks accounts to send their growing blocks early, the largest
// first. It does that until a quarter of the budget is on its way to the store, and a quarter of
// the memory of the users that hold at least their share. So every transfer makes progress: a
// transfer that waits holds only memory that the pool can have sent, and one chunk that its
// client is filling. The chunks that are being filled never take all of the budget: their number
// is bounded (Pool.MaxAccounts), they are small while the client is slow (Pace), and when they
// hold half of the budget, all further ones are small. No tenant, user or connection can have
// all of the accounts (Pool.Uploads).
//
// # Reading ahead
//
// Downloads need no chunk to make progress. What they read before their clients
// want it (Ahead) is a favour: they get free chunks only and never wait, hold
// half of the budget at most, share it, and lose it when somebody waits or when
// their client pauses. What was taken away is read from the store again.
//
// # What it is not
//
// It is no allocator for anything else, and knows nothing of stores.
//
// # Memory
//
// Buffers lie outside the heap where the system allows it, so that the process takes as much
// memory as the budget and not twice as much. Free buffers are kept for reuse. Free buffers and
// buffers in use stay within the budget together. When no buffer was in use for 30 seconds, all
// go back to the operating system.
//
// A Pool may be used by any number of goroutines. A Chunk and a Block belong to
// one at a time.
package chunk
