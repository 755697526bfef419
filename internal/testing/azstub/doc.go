// Package azstub is an Azure Blob service in memory, for tests and benchmarks.
// It speaks the REST API well enough for the unmodified Go SDK and is stricter
// than an emulator where strictness finds mistakes: it verifies shared key
// signatures and transactional checksums, and it keeps the documented limits.
//
// It is not part of any shipped program, keeps nothing on disk, and knows block
// blobs only; blobs of other types can be placed by a test, to be refused.
//
//	s := azstub.Start(t, azstub.Options{})
//	s.CreateContainer("files")
//	client, err := azblob.NewClientFromConnectionString(s.ConnectionString(), nil)
//
// # Faithfulness
//
// Names, conditions, block lists, copies, leases and error codes follow the
// documentation of the Blob service REST API. Where it is silent the stub does
// what the Azurite emulator was seen to do; such places say so in a comment.
//
// # Counting
//
// Server.Counts returns how many requests of each Kind have arrived, Server.Requests lists
// the last ones, and Trips returns how many of them had to wait for each other. Only requests
// that take time overlap visibly: give the server some latency, or a Hold rule, before drawing
// conclusions from Trips.
//
// # Faults
//
// A Rule selects requests and slows them down or makes them fail: by an error
// answer, by a connection that is cut or hangs at a chosen Point, by a corrupted
// byte. Rules may be added and removed at any time.
//
// # Cost
//
// With Options.Discard the server keeps sizes and no bytes, and reads back a
// fixed pattern (Pattern); with Options.SkipChecksums it hashes nothing. Both
// together leave little but the copying between socket and buffer.
package azstub
