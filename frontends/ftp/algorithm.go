package ftp

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"hash/crc32"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// algorithm is a hash function by the name that HASH has for it.
type algorithm struct {
	name string
	make func() hash.Hash
}

func algorithms() []algorithm {
	return []algorithm{
		{"SHA-256", sha256.New},
		{"SHA-512", sha512.New},
		{"SHA-1", sha1.New},
		{"MD5", md5.New},
		{"CRC32", func() hash.Hash { return crc32.NewIEEE() }},
	}
}

func findAlgorithm(name string) (algorithm, bool) {
	for _, a := range algorithms() {
		if a.name == control.Upper(name) {
			return a, true
		}
	}
	return algorithm{}, false
}
