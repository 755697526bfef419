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
// Chunks that are on their way to the store (Block.Send) come back without any
// client's help; chunks of a block that still grows do not: its client may
// pause for an hour. So while somebody waits, the pool keeps a quarter of the
// budget on the way, and of what those hold that have their share, by asking the
// accounts that hold the most in growing blocks to send what they have, early. That is what makes every transfer
// progress: who waits holds nothing that the pool cannot have sent, except for
// one chunk per transfer that its client is just filling. These never hold all
// of the budget: their number is bounded (Pool.MaxAccounts), they are small while
// the client is slow (Pace), and when they hold half of the budget, all further
// ones are small. No tenant, user or connection can have all of the accounts
// (Pool.Uploads).
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
// Buffers lie outside the heap where the system allows it, so that the budget is
// what the process takes and not the half of it. They are kept for reuse, and
// together with those in use they stay within the budget. When nothing was in use
// for 30 seconds they go back to the operating system.
//
// A Pool may be used by any number of goroutines. A Chunk and a Block belong to
// one at a time.
package chunk
