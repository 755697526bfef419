package migrate

import (
	"fmt"
	"path"
	"strings"

	"github.com/tidegate/tidegate/config/usersfile"
	"github.com/tidegate/tidegate/internal/auth"
)

// Options say how users are carried over.
type Options struct {
	// Root is the directory of the old server that becomes the root of the users' tree. Homes
	// below it are carried, without it.
	Root string
	// Hash returns the hash of a password that the old server has in clear.
	Hash func(password string) (string, error)
}

// Result has the users in the order of the old file.
type Result struct {
	Users []usersfile.User
	// Notes say what was not carried, and what to write instead, each with the user or line.
	Notes []string
}

// Formats are the names of the formats.
func Formats() []string { return []string{"vsftpd", "proftpd", "sftpgo", "iis"} }

// From reads a text in one of the formats.
func From(format string, text []byte, o Options) (*Result, error) {
	m := &migration{options: o, seen: map[string]bool{}}
	var err error
	switch format {
	case "vsftpd":
		err = m.vsftpd(string(text))
	case "proftpd":
		err = m.passwd(string(text))
	case "sftpgo":
		err = m.sftpgo(text)
	case "iis":
		err = m.iis(text)
	default:
		return nil, fmt.Errorf("there is no format %q", format)
	}
	return &m.Result, err
}

// migration is one call of From.
type migration struct {
	Result
	options Options
	seen    map[string]bool
}

// note adds a note about a user.
func (m *migration) note(user, format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf("user %q: ", user)+fmt.Sprintf(format, args...))
}

// add adds a user with a hash of the old server and a home there.
func (m *migration) add(u usersfile.User, home string) {
	if err := usersfile.CheckName(u.Name); err != nil {
		m.note(u.Name, "left out: %v", err)
		return
	}
	if m.seen[auth.Fold(u.Name)] {
		m.note(u.Name, "left out: another user has this name; case does not matter")
		return
	}
	m.seen[auth.Fold(u.Name)] = true
	if err := auth.CheckHash(u.Hash); err != nil {
		m.note(u.Name, "disabled, because the password cannot be carried (%s); run tidegate user passwd, then tidegate user enable", kindOf(u.Hash))
		u.Hash, u.Disabled = "", true
	}
	u.Home = m.home(u.Name, home)
	m.Users = append(m.Users, u)
}

// home returns the home below the root.
func (m *migration) home(user, old string) string {
	old = strings.ReplaceAll(old, `\`, "/")
	if old == "" {
		return ""
	}
	rest, below := strings.CutPrefix(path.Clean(old)+"/", strings.TrimSuffix(path.Clean(m.options.Root), "/")+"/")
	if m.options.Root == "" || !below {
		m.note(user, "the home %s is not carried; -root DIR makes DIR the root of the users' tree", old)
		return ""
	}
	home := "/" + strings.TrimSuffix(rest, "/")
	if err := usersfile.CheckHome(home); err != nil {
		m.note(user, "the home %s is not carried: %v", old, err)
		return ""
	}
	if home == "/" {
		return ""
	}
	return home
}

// kindOf names the kind of a hash that cannot be checked, without quoting it.
func kindOf(hash string) string {
	for prefix, kind := range map[string]string{
		"$1$": "MD5-crypt", "$5$": "SHA-256-crypt of a form that is not accepted", "$6$": "SHA-512-crypt of a form that is not accepted", "$y$": "yescrypt", "$7$": "scrypt", "$apr1$": "MD5 of Apache",
		"$pbkdf2": "PBKDF2", "{SHA}": "SHA-1", "{SSHA}": "salted SHA-1", "$2": "bcrypt of a form that is not accepted", "$argon2": "argon2 of a form that is not accepted",
	} {
		if strings.HasPrefix(hash, prefix) {
			return kind
		}
	}
	switch strings.Trim(hash, "!*x") {
	case "":
		return "there is none"
	default:
		return "a hash of another kind"
	}
}
