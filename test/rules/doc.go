// Package rules holds the rules of this repository that a program can check, as
// tests: which package may import which, documentation, sizes, globals, that files
// can be read in an order (printed by -v), and that
// every example of a configuration loads. They need nothing but Go.
package rules
