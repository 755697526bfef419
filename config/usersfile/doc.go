// Package usersfile reads and edits files of users: one user a line, in a format of which
// htpasswd's is a part.
//
//	# comment
//	camera-01:$argon2id$v=19$m=19456,t=2,p=1$…$…:/incoming:list,write,rename
//	camera-02:$2y$10$…
//	camera-03:!$2y$10$…:/incoming
//	camera-04:$2y$10$…:::2026-11-30
//
// The fields are the name, the hash of the password (argon2id, bcrypt or SHA-crypt), the first
// directory, the rights and the day on which the password was set. The last three may be
// missing. An exclamation mark in front of
// the hash disables the user and keeps the hash, as passwd -l does.
//
// # Reading
//
// Parse returns every line, so that a changed File is written with its comments and in its
// order. It reports the problems of all lines; a problem never quotes a hash. Names are not
// case-sensitive.
//
// # Editing
//
// Edit changes a file under a lock, with a new file that takes the place of the old one at
// once: a reader sees the old content or the new one. Concurrent edits wait for each other.
//
// # What it is not
//
// It does not know mounts, tenants and defaults. Package config does, and makes users of
// the lines.
package usersfile
