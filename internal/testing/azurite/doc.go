// Package azurite runs Azurite, Microsoft's emulator of Azure Storage, for
// tests. It is no part of the shipped program.
//
// internal/azurite runs it. `make test` installs it, pinned by its lock file,
// in test/azurite. Where it is not installed the calling test is skipped; CI
// fails then, because test/must-run.txt names the tests that need it.
//
// # What Azurite is not
//
// Azurite runs with --loose: otherwise it refuses the CRC64 headers of the SDK.
// With --loose it ignores them. It has no hierarchical namespace, no throttling
// and no archive tier, and its limits are not those of Azure. Tests of these use
// internal/testing/azstub.
package azurite
