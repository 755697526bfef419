// Package release tests what `make release` makes: that two runs make the same, what Debian's
// tools say about the packages, how a package lives in a booted Debian, with systemd, from
// its installation over an upgrade under load to its removal, and that the image runs as a
// container.
//
// The Debian is made by debootstrap once, in .build, and booted by systemd-nspawn over an
// overlay, so that nothing of a test stays. Its network is its own.
//
// It is a module of its own, so that the tests of every change need not wait for two
// releases: `make packages` runs it, and CI does. It needs root, and the programs that
// test/prepare installs.
package release
