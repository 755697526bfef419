package ftp

import (
	"strings"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// parameters is what the client has set since the greeting.
type parameters struct {
	// announced is for the command that follows, and forgotten behind it: see forget.
	announced announced

	// binary is true in TYPE I.
	binary bool
	// epsvAll is true behind EPSV ALL.
	epsvAll bool
	// utf8 is true when the client asked for UTF-8.
	utf8 bool
	// hash is the algorithm of HASH, facts are those of MLSD and MLST.
	hash  string
	facts []string
	// sized is true behind PBSZ, which PROT needs; protected is PROT P.
	sized, protected bool
}

// announced is what REST, ALLO and RNFR say of the command that follows.
type announced struct {
	// offset is REST's, size ALLO's.
	offset, size int64
	// renaming is true behind an RNFR that went well.
	renaming bool
}

// newParameters returns the parameters behind the greeting; protected is true where TLS
// protects everything from the first byte.
func newParameters(protected bool) parameters {
	return parameters{binary: true, hash: algorithms()[0].name, facts: usualFacts(), sized: protected, protected: protected}
}

// forget is called after each command, whatever became of it. RFC 3659, 5 has
// the transfer follow the REST, RFC 959, 4.1.3 has STOR follow ALLO and RNTO
// RNFR at once. between commands may come between REST or ALLO and the transfer.
func (p *parameters) forget(between bool) {
	p.announced.renaming = false
	if !between {
		p.announced = announced{}
	}
}

// setType notes the TYPE that the engine has accepted.
func (p *parameters) setType(arg string) {
	kind := typeOf(arg)
	p.binary = kind == "I" || kind == "L8"
}

// protect notes that AUTH protects the data connections as well, or that it does not.
func (p *parameters) protect(data bool) { p.sized, p.protected = data, data }

// typeOf is the argument of TYPE without spaces, in upper case.
func typeOf(arg string) string { return control.Upper(strings.ReplaceAll(arg, " ", "")) }
