// Package ftpcode has the reply codes of FTP: the one table from error kinds to codes, and
// the codes of commands that succeed. The frontend replies with them, and an access log has
// them for the operations of every protocol.
//
// It has no texts, and sends nothing.
package ftpcode
