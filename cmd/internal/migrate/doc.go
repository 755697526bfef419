// Package migrate makes users files of the users of other servers.
//
// Each format is a function that returns the users and, as notes, what a users file cannot
// carry: hashes of other kinds, keys, quotas. A user whose password cannot be carried is
// disabled, so that it cannot log in before `tidegate user passwd` and `tidegate user enable`.
//
// It does not read files and does not write any.
package migrate
