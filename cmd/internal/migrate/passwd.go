package migrate

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/config/usersfile"
)

// lines returns the lines that are neither empty nor comments.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// vsftpd reads what virtual users are made of: lines NAME and PASSWORD by turns, from which
// db_load makes a database, or lines NAME:HASH of pam_pwdfile.
func (m *migration) vsftpd(text string) error {
	all := lines(text)
	hashes := 0
	for _, line := range all {
		if _, hash, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(hash, "$") {
			hashes++
		}
	}
	if hashes > 0 {
		return m.passwd(text)
	}
	if len(all)%2 != 0 {
		return fmt.Errorf("the file has %d lines: lines with names and passwords do not alternate", len(all))
	}
	for i := 0; i < len(all); i += 2 {
		hash, err := m.options.Hash(all[i+1])
		if err != nil {
			return fmt.Errorf("user %q: %w", all[i], err)
		}
		m.add(usersfile.User{Name: all[i], Hash: hash}, "")
	}
	return nil
}

// passwd reads lines NAME:HASH:UID:GID:GECOS:HOME:SHELL, as AuthUserFile of ProFTPD has them.
// All fields after the hash may be missing.
func (m *migration) passwd(text string) error {
	const homeField = 5
	for n, line := range lines(text) {
		fields := strings.Split(line, ":")
		if len(fields) < 2 {
			return fmt.Errorf("entry %d is not NAME:HASH:…", n+1)
		}
		u, home := usersfile.User{Name: fields[0], Hash: fields[1]}, ""
		if rest, locked := strings.CutPrefix(u.Hash, "!"); locked {
			u.Hash, u.Disabled = strings.TrimLeft(rest, "!"), true
		}
		if len(fields) > homeField {
			home = fields[homeField]
		}
		m.add(u, home)
	}
	return nil
}
