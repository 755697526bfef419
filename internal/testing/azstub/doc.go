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
// # Hierarchical namespace
//
// With Options.HNS the account is one of Azure Data Lake Storage. Directories are entries of
// their own, with times, an owner and an ACL; what lies in them makes them, and they stay. The
// Blob endpoint shows and refuses what it does on such accounts. The Data Lake endpoint has a
// port of its own, Server.DFSURL, and the path style /account/filesystem/path; its operations
// are the kinds from CreateDirectory to SetOwner. x-ms-rename-source is /filesystem/path, as
// on the service. One lock guards both endpoints: a rename is atomic.
//
// Where the documentation of the service is silent or wrong, the stub does what recorded answers
// and reports show:
//   - A rename of a directory to a name that is a directory moves it into that directory, as
//     mode=posix, the default, has it. With mode=legacy it replaces an empty directory, and
//     for any other the answer is 409 DirectoryNotEmpty.
//   - The answer to a rename has neither ETag nor Last-Modified. Files keep both; see
//     Options.RenameStamps.
//   - setAccessControl does not change the ETag. A new file does not change the time of its directory.
//   - Names have 61 segments at most: the documented 63 include account and container.
//   - Delete Blob of a directory with x-ms-delete-snapshots is 400
//     OperationNotSupportedOnDirectory; without, it is 409 DirectoryIsNotEmpty unless it is empty.
//
// The code of the service for a Put Blob over a directory is not known; the stub answers 400
// OperationNotSupportedOnDirectory. The order in which the service lists names is not known
// either; the stub lists a directory, and then the entries in it.
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
