// Package azurite runs Azurite, Microsoft's emulator of Azure Storage, where it is
// installed. It never downloads it.
//
//	dir, err := azurite.Find()
//	…
//	server, err := azurite.Start(ctx, azurite.Options{Package: dir})
//	…
//	defer server.Stop()
//
// Azurite ends with the process that started it, however that process ends.
//
// It runs with --loose, because it refuses the CRC64 headers of the SDK otherwise; it does
// not verify them. It has no hierarchical namespace, does not throttle and has no archive.
package azurite
