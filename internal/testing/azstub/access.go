package azstub

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Superuser owns what was made with the shared key, or with a signature made of it. Caller is
// the object id of the identity whose bearer token a request carries.
const (
	Superuser = "$superuser"
	Caller    = "00000000-0000-4000-a000-00000000ca11"
)

// caller is the owner of what the request makes.
func (c *call) caller() string {
	if c.rec.Auth == Bearer {
		return Caller
	}
	return Superuser
}

// access is owner, group and ACL of a file or directory, as "Access control lists in Azure
// Data Lake Storage" describes them. It does not change: requests are never refused for it.
type access struct {
	owner, group string
	acl          []aclEntry
}

// aclEntry is one entry of an ACL: default:user:id:rwx.
type aclEntry struct {
	inherited bool // of the default ACL of a directory
	kind, id  string
	perm      string
}

func (e aclEntry) String() string {
	text := e.kind + ":" + e.id + ":" + e.perm
	if e.inherited {
		return "default:" + text
	}
	return text
}

// modeACL is the ACL that has no more than three permissions: "rwxr-x---".
func modeACL(mode string) []aclEntry {
	return []aclEntry{{kind: "user", perm: mode[:3]}, {kind: "group", perm: mode[3:6]}, {kind: "other", perm: mode[6:]}}
}

// inherited is what a caller's new entry gets in the directory that a belongs to: its default
// ACL when it has one, otherwise what the umask 027 leaves.
func (a access) inherited(caller string, directory bool) access {
	made := access{owner: caller, group: a.group, acl: modeACL("rw-r-----")}
	if directory {
		made.acl = modeACL("rwxr-x---")
	}
	var defaults, own []aclEntry
	for _, e := range a.acl {
		if e.inherited {
			defaults = append(defaults, e)
			e.inherited = false
			own = append(own, e)
		}
	}
	if defaults != nil {
		made.acl = own
		if directory {
			made.acl = append(made.acl, defaults...)
		}
	}
	return made
}

// find is the permissions of an entry of the ACL, "" for none.
func (a access) find(kind, id string) string {
	for _, e := range a.acl {
		if !e.inherited && e.kind == kind && e.id == id {
			return e.perm
		}
	}
	return ""
}

// permissions is the mode, with a "+" when the ACL says more. The mask takes the place of the
// group then.
func (a access) permissions() string {
	group, more := a.find("group", ""), ""
	if mask := a.find("mask", ""); mask != "" {
		group, more = mask, "+"
	}
	return a.find("user", "") + group + a.find("other", "") + more
}

func (a access) aclText() string {
	texts := make([]string, len(a.acl))
	for i, e := range a.acl {
		texts[i] = e.String()
	}
	return strings.Join(texts, ",")
}

// describe sets the headers of an entry. The ACL is in answers since version 2023-11-03, and
// in those to requests that ask for it.
func (b *blob) describeAccess(h http.Header, acl bool) {
	kind := "file"
	if b.isDirectory() {
		kind = "directory"
	}
	h.Set("x-ms-resource-type", kind)
	h.Set("x-ms-owner", b.access.owner)
	h.Set("x-ms-group", b.access.group)
	h.Set("x-ms-permissions", b.access.permissions())
	if acl {
		h.Set("x-ms-acl", b.access.aclText())
	}
}

// render writes the elements of an entry of a listing; a flat account has none.
func (a access) render(b *bytes.Buffer, v *version, permissions bool) {
	if a.acl == nil {
		return
	}
	if v.directory {
		b.WriteString("<ResourceType>directory</ResourceType>")
	} else {
		b.WriteString("<ResourceType>file</ResourceType>")
	}
	if permissions {
		element(b, "Owner", a.owner)
		element(b, "Group", a.group)
		element(b, "Permissions", a.permissions())
		element(b, "Acl", a.aclText())
	}
}

// showsACL reports whether the version of the request has the ACL in every answer.
func (c *call) showsACL() bool { return c.http.Header.Get("x-ms-version") >= "2023-11-03" }

// changed is a with what the headers of a request change.
func (a access) changed(h http.Header) (access, error) {
	if v := h.Get("x-ms-owner"); v != "" {
		a.owner = v
	}
	if v := h.Get("x-ms-group"); v != "" {
		a.group = v
	}
	mode, text := h.Get("x-ms-permissions"), h.Get("x-ms-acl")
	var err error
	switch {
	case mode != "" && text != "":
		return a, errInvalidHeaderValue
	case mode != "":
		a.acl, err = a.withMode(mode)
	case text != "":
		a.acl, err = parseACL(text)
	}
	return a, err
}

// withMode sets the permissions of owner, group (or mask) and others.
func (a access) withMode(mode string) ([]aclEntry, error) {
	mode, err := parseMode(mode)
	if err != nil {
		return nil, err
	}
	group := "group"
	if a.find("mask", "") != "" {
		group = "mask"
	}
	acl := slices.Clone(a.acl)
	for i, e := range acl {
		switch {
		case e.inherited || e.id != "":
		case e.kind == "user":
			acl[i].perm = mode[:3]
		case e.kind == group:
			acl[i].perm = mode[3:6]
		case e.kind == "other":
			acl[i].perm = mode[6:]
		}
	}
	return acl, nil
}

// parseMode takes permissions as symbols or as an octal number.
func parseMode(text string) (string, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil && len(text) >= 3 {
		var b strings.Builder
		for shift := 6; shift >= 0; shift -= 3 {
			for i, letter := range "rwx" {
				if n>>shift&(4>>i) != 0 {
					b.WriteRune(letter)
				} else {
					b.WriteByte('-')
				}
			}
		}
		return b.String(), nil
	}
	if len(text) != 9 || !validPerm(text[:3]) || !validPerm(text[3:6]) || !validPerm(text[6:]) {
		return "", errInvalidHeaderValue
	}
	return text, nil
}

func validPerm(p string) bool {
	return len(p) == 3 && (p[0] == 'r' || p[0] == '-') && (p[1] == 'w' || p[1] == '-') && (p[2] == 'x' || p[2] == '-')
}

// parseACL reads a whole ACL. Entries of owner, group and others are required; a mask is
// computed where named entries need one and the text has none.
func parseACL(text string) ([]aclEntry, error) {
	var acl []aclEntry
	for part := range strings.SplitSeq(text, ",") {
		rest, inherited := strings.CutPrefix(part, "default:")
		fields := strings.Split(rest, ":")
		if len(fields) != 3 || !slices.Contains([]string{"user", "group", "mask", "other"}, fields[0]) || !validPerm(fields[2]) {
			return nil, errInvalidHeaderValue
		}
		acl = append(acl, aclEntry{inherited, fields[0], fields[1], fields[2]})
	}
	a := access{acl: acl}
	for _, kind := range []string{"user", "group", "other"} {
		if a.find(kind, "") == "" {
			return nil, errInvalidHeaderValue
		}
	}
	named := slices.ContainsFunc(acl, func(e aclEntry) bool { return !e.inherited && e.id != "" })
	if named && a.find("mask", "") == "" {
		acl = append(acl, aclEntry{kind: "mask", perm: a.widest()})
	}
	return acl, nil
}

// widest is what the group and all named entries together may do.
func (a access) widest() string {
	perm := []byte("---")
	for _, e := range a.acl {
		if e.inherited || e.kind == "other" || e.kind == "user" && e.id == "" {
			continue
		}
		for i := range perm {
			if e.perm[i] != '-' {
				perm[i] = e.perm[i]
			}
		}
	}
	return string(perm)
}
