package migrate

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/config/usersfile"
)

const (
	good = "$2y$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	// sha is cut off.
	sha = "$6$salt$bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestFrom(t *testing.T) {
	sha512 := "$6$salt$" + strings.Repeat("b", 86)
	for _, test := range []struct {
		name, format, text string
		want               []usersfile.User
		notes              []string // a text in each note
	}{
		{
			"vsftpd, names and passwords", "vsftpd", "ann\nsecret one\n# comment\nbob\nsecret:two\n",
			[]usersfile.User{{Name: "ann", Hash: good}, {Name: "bob", Hash: good}},
			nil,
		},
		{"vsftpd, pwdfile", "vsftpd", "ann:" + good + "\nbob:" + sha + "\neve:" + sha512 + "\n", []usersfile.User{{Name: "ann", Hash: good}, {Name: "bob", Disabled: true}, {Name: "eve", Hash: sha512}}, []string{"SHA-512-crypt"}},
		{
			"proftpd", "proftpd",
			"ann:" + good + ":1001:1001:Ann:/srv/ftp/ann:/bin/false\nbob:$1$x$y:1:1::/home/bob:\nANN:" + good + ":1:1::/srv/ftp:\neve:!" + good + ":1:1::/srv/ftp/:\na/b:x:1:1::/srv/ftp:\n",
			[]usersfile.User{{Name: "ann", Hash: good, Home: "/ann"}, {Name: "bob", Disabled: true}, {Name: "eve", Hash: good, Disabled: true}},
			[]string{"MD5-crypt", "home /home/bob is not carried", "another user has this name", "left out"},
		},
		{
			"sftpgo", "sftpgo", `{"users":[
				{"username":"ann","password":"` + good + `","status":1,"home_dir":"/srv/ftp/ann","permissions":{"/":["list","upload"],"/x":["*"]},"max_sessions":2},
				{"username":"bob","password":"$pbkdf2-sha256$150000$x$y","status":0,"permissions":{"/":["*"]},"public_keys":["ssh-ed25519 AAAA bob\n"],"expiration_date":4102444800000}]}`,
			[]usersfile.User{{Name: "ann", Hash: good, Home: "/ann", Rights: []string{"list", "write"}}, {Name: "bob", Disabled: true}},
			[]string{
				"permissions of /x", "not carried: max_sessions", "PBKDF2",
				`user "bob" { authorized_keys = ["ssh-ed25519 AAAA bob"], expires = "2100-01-01T00:00:00Z" }`,
			},
		},
		{
			"iis", "iis", "\ufeffName,Home,Permissions,Enabled\r\nCONTOSO\\ann,C:\\ftp\\ann,\"Read, Write\",True\r\nbob,,Read,False\r\n",
			[]usersfile.User{{Name: "ann", Disabled: true}, {Name: "bob", Disabled: true, Rights: []string{"list", "read"}}},
			[]string{"domain", "cannot be carried (there is none)", "home C:/ftp/ann", "cannot be carried (there is none)"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := From(test.format, []byte(test.text), Options{Root: "/srv/ftp", Hash: func(password string) (string, error) {
				if !strings.HasPrefix(password, "secret") {
					t.Errorf("the password is %q", password)
				}
				return good, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got.Users); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(got.Notes) != len(test.notes) {
				t.Errorf("the notes are %q", got.Notes)
			}
			all := strings.Join(got.Notes, "\n")
			for _, note := range test.notes {
				if !strings.Contains(all, note) {
					t.Errorf("no note %q in %q", note, got.Notes)
				}
			}
			if strings.Contains(all, "bbbb") || strings.Contains(all, "aaaa") {
				t.Errorf("a note has a hash: %q", got.Notes)
			}
		})
	}
}

// Files of another format are refused as a whole.
func TestFromRefuses(t *testing.T) {
	for _, test := range []struct{ format, text, want string }{
		{"vsftpd", "ann\nsecret\nbob\n", "do not alternate"},
		{"vsftpd", "ann\nrefused\n", "no hash today"},
		{"proftpd", "ann\n", "entry 1"},
		{"sftpgo", "ann:x", "no dump"},
		{"iis", "ann;x\n", "no column Name"},
		{"iis", "", "no header"},
		{"iis", "Name,Home\nann\n", "no CSV"},
		{"other", "", "no format"},
	} {
		_, err := From(test.format, []byte(test.text), Options{Hash: func(string) (string, error) { return "", errors.New("no hash today") }})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: %v, want %q", test.format, test.text, err, test.want)
		}
	}
}
