// Package release tests the output of `make release`: two runs make the same files, Debian's tools
// accept the packages, and the image runs as a container. A package is installed in a booted
// Debian with systemd, upgraded under load, and removed.
//
// debootstrap creates this Debian once, in .build. systemd-nspawn boots it over an overlay, so that
// a test leaves nothing behind, and with a network of its own.
//
// It is a module of its own, so that the tests of every change need not wait for two
// releases: `make packages` runs it, and CI does. It needs root, and the programs that
// test/prepare installs.
package release
