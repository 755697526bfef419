// Package rules has tests for the rules of this repository that a program can check: which package
// may import which, documentation, sizes, global variables, an order in which the files of a
// package can be read (-v prints it), and that every example of a configuration loads. The tests
// need only Go.
package rules
