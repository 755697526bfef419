// Package azurite runs Azurite, Microsoft's emulator of Azure Storage, for
// tests. It is no part of the shipped program.
//
// internal/azurite runs it. `make test` installs it, pinned by its lock file,
// in test/azurite. Where it is not installed the calling test is skipped; CI
// fails then, because test/must-run.txt names the tests that need it.
//
// # What Azurite is not
//
// It is run with --loose, since it refuses the CRC64 headers of the SDK
// otherwise, and does not look at them. It knows no hierarchical namespace, no
// throttling and no archive, and its limits are not Azure's. What it cannot
// show is shown with internal/testing/azstub.
package azurite
