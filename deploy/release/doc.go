// Command release makes everything that a release of Tidegate consists of, into one
// directory:
//
//	tidegate_VERSION_OS_ARCH.tar.gz (.zip)   the program for Linux, macOS and Windows
//	tidegate_VERSION_ARCH.deb, .rpm          packages with the service for systemd
//	tidegate_VERSION_oci.tar                 the image of a container, an OCI layout for both architectures
//	tidegate_VERSION_docker_ARCH.tar         the same image, as `docker load` reads it
//	tidegate_VERSION_OS_ARCH.cdx.json        what is linked into the program (CycloneDX)
//	SHA256SUMS                               of all of them
//
// Two runs for one commit make the same bytes, wherever and whenever they run: every time
// in the files is that of the commit, and Go is the toolchain that go.mod names.
//
// It is a module of its own, because the libraries for packages and images are of no
// use to the program.
package main
