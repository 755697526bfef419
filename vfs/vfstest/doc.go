// Package vfstest proves that a vfs.Backend keeps the guarantees G1 to G9 of
// package vfs. The test of a backend calls Run with a Target. The suite learns
// about a store only from the Target and from Caps, never from the store's name.
//
// Each test has a fresh empty tree and is named by the guarantee that it
// proves: "G2/abort-keeps-old" runs alone with
//
//	go test ./backends/memory -run 'TestBackend/G2/abort-keeps-old'
//
// Nothing is skipped: what a store does not declare must be refused, and that
// is tested instead. After each test the suite looks for goroutines that stay,
// so Run must not be called beside parallel tests of the same process.
//
// Where the contract leaves a store two answers (a file beside a directory of
// the same name, say), the suite accepts both and then checks that nothing was
// lost.
package vfstest
