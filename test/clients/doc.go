// Package clients runs the built program against real clients, over Azure Blob
// Storage (Azurite) and over a local directory, and many at once over the stub. FTP, plain and with explicit TLS:
// curl, lftp, wget, wput, rclone, Python's ftplib, basic-ftp for Node.js, Perl's
// Net::FTP, PHP's ftp extension, Java's commons-net, Go's jlaffaye/ftp and
// FileZilla; plain only, because they know no TLS: java.net.URL, tnftp, inetutils-ftp and ncftp.
// SFTP, with a password and with a key: OpenSSH's sftp and scp, PuTTY's psftp, curl,
// lftp, rclone, sshfs, Python's paramiko and asyncssh, ssh2-sftp-client for Node.js,
// Java's JSch, Go's pkg/sftp and FileZilla.
//
// The scripts are testdata/CLIENT/*.txtar, in the language of
// github.com/rogpeppe/go-internal/testscript with a few commands more:
//
//	bytes FILE END [BEGIN]   writes bytes BEGIN to END of an endless
//	                         pseudo-random sequence, the script's own
//	[!] same FILE FILE       compares like cmp, and prints no difference
//	given PATH FILE          puts FILE into the store itself, as PATH, for a
//	                         client that does not upload
//	[!] stored PATH [FILE]   looks into the store itself: it holds the file
//	                         PATH, with the content of FILE
//	meet                     waits for all other scripts; in testdata/together,
//	                         where TestTogether runs all clients of a protocol
//	                         at once
//
// Each script has an empty tenant of its own; all scripts of a run share one
// gateway, one passive port and one client address, as machines behind one NAT
// address do. The clients find the gateway in variables, see site.prepare, or in their
// own configuration files: curl in .curlrc and $URL, wget in .wgetrc and $URL, lftp as the
// bookmark "server", the descendants of BSD's ftp in .netrc and $URL, ncftp in login.cfg,
// OpenSSH's as "server" in $SSH_CONFIG, libraries through testdata/CLIENT/client.*.
// commons-net, JSch, jlaffaye/ftp and pkg/sftp do what a file of commands says; the
// latter two are themselves commands of scripts.
//
// FileZilla has no scripts but windows. TestFileZilla starts it on a virtual screen
// (Xvfb), presses its keys (xdotool), and waits for what it writes into its
// log; its settings are testdata/filezilla/*.xml, templates of text/template.
//
// TestClientsPage runs what docs/clients.md shows, in namespaces of its own, where the gateway
// has the name and the ports of the page.
package clients
