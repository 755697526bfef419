// Package launch builds and runs tidegate, and the programs around it, for tests of the
// whole program: processes, how they end and what they print.
//
// The program is built with the race detector if the test was built with it. It is linked once for
// all packages, and each package gets a copy. A package that uses launch has
//
//	func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }
//
// A process ends with its test at the latest. Its methods may be called by
// several goroutines; those that report failures do so without ending the test,
// unless they say otherwise.
package launch
