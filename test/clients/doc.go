// Package clients runs the built program against real clients, over Azure Blob
// Storage (Azurite) and over a local directory, and many at once over the stub. FTP, plain and
// with explicit TLS: curl, lftp, wget, wput, rclone, Python's ftplib, basic-ftp for Node.js, Perl's
// Net::FTP, PHP's ftp extension, Java's commons-net, Go's jlaffaye/ftp and FileZilla. FTP without
// TLS, because these do not support TLS: java.net.URL, tnftp, inetutils-ftp and ncftp.
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
// Each script has an empty tenant of its own. All scripts of a run share one gateway, one passive
// port and one client address, like machines behind one NAT address. The clients get the address
// of the gateway from variables (see site.prepare) or from their own configuration files: curl from
// .curlrc and $URL, wget from .wgetrc and $URL, lftp from the bookmark "server", the descendants of
// BSD's ftp from .netrc and $URL, ncftp from login.cfg, OpenSSH's clients from the host "server" in
// $SSH_CONFIG, libraries through testdata/CLIENT/client.*. commons-net, JSch, jlaffaye/ftp and
// pkg/sftp read their commands from a file; scripts call jlaffaye/ftp and pkg/sftp as commands of
// testscript.
//
// FileZilla has only a graphical interface, and no scripts. TestFileZilla starts it on a virtual
// screen (Xvfb), sends keys to it (xdotool), and waits for the lines in its log. Its settings are
// testdata/filezilla/*.xml, which are templates of text/template.
//
// TestClientsPage runs the snippets of docs/clients.md in namespaces of its own, where the gateway
// has the host name and the ports of that page.
package clients
