package mediatype

import "strings"

// ByName returns the media type for a file called name, by the extension of
// its last element and without regard to case, or "" when it is unknown: then the store's
// default is used, which is application/octet-stream nearly everywhere.
//
// A name that begins with its only dot (".bashrc") has no extension. Of
// several extensions the last one counts: "a.tar.gz" is application/gzip,
// because that is what the bytes are.
func ByName(name string) string {
	name = name[strings.LastIndexByte(name, '/')+1:]
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || len(name)-dot-1 > maxExtension {
		return ""
	}
	return byExtension(strings.ToLower(name[dot+1:]))
}

// maxExtension is more than the longest extension in the table: a longer one
// is not looked up, nor copied to lower case.
const maxExtension = 16
