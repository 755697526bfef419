// Package mediatype returns the media type (Content-Type) for the extension of a file's
// name.
//
// The table is our own and part of the program. It is not Go's
// mime.TypeByExtension, which also reads /etc/mime.types and its relatives:
// with it the same upload would be served differently by two nodes whose
// images differ. The facts are the IANA registry's where a type is registered
// and common usage of web servers and CDNs where it is not.
//
// # Charset
//
// A name does not contain the encoding of a text. But without the parameter charset a
// browser guesses a single-byte code page for plain text. So text types carry
// "charset=utf-8", as AzCopy, rclone and the static hosts declare it. Formats that declare
// their own encoding get no parameter, because it would overrule the file: text/html (its
// meta element), XML and all of its dialects (the XML declaration), JSON (always UTF-8, RFC
// 8259 section 8.1) and the application types in general.
//
// An upload whose text is not UTF-8 needs the type set by configuration.
package mediatype
