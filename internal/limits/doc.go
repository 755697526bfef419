// Each owner has one token bucket for each direction. A transfer takes tokens in units of
// Quantum, whatever the sizes of its reads and writes are. Concurrent transfers get equal parts,
// because a bucket serves requests in the order in which they come, and the requests are equal.
// Tokens are taken after the bytes have moved, and for the last bytes of a file when it is
// closed. So a small file takes no more tokens than it has bytes, and the next transfer waits
// until the tokens of the last one are paid.
package limits
