package config

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

// server is a frontend that takes some credentials and announces a host.
type server struct {
	password, key bool
	protocols     []string
	listen, host  string
	to            netip.Prefix
}

func (server) Validate() hcl.Diagnostics       { return nil }
func (s server) Accepts() (password, key bool) { return s.password, s.key }
func (s server) Protocols() []string           { return s.protocols }
func (s server) Listens() []Listening          { return []Listening{{Address: s.listen}} }
func (s server) Announces() Announced {
	return Announced{Hosts: []AnnouncedHost{{Host: s.host, To: s.to}}}
}

func TestReach(t *testing.T) {
	const hash = "x"
	keys := make([]auth.Key, 1)
	ftp := server{password: true, protocols: []string{auth.FTP, auth.FTPS}, listen: ":21"}
	sftp := server{password: true, key: true, protocols: []string{auth.SFTP}, listen: ":22"}
	required := server{password: true, protocols: []string{auth.FTPS}, listen: ":21"}
	for name, test := range map[string]struct {
		user        User
		authorities []auth.Key
		frontend    server
		refused     bool
	}{
		"password over FTP":         {User{PasswordHash: hash}, nil, ftp, false},
		"key over FTP":              {User{Keys: keys}, nil, ftp, true},
		"certificate over FTP":      {User{}, keys, ftp, true},
		"either over FTP":           {User{PasswordHash: hash, Keys: keys}, nil, ftp, false},
		"both over FTP":             {User{PasswordHash: hash, Keys: keys, Factors: auth.KeyThenPassword}, nil, ftp, true},
		"key only over FTP":         {User{PasswordHash: hash, Keys: keys, Factors: auth.KeyOnly}, nil, ftp, true},
		"password only over FTP":    {User{PasswordHash: hash, Keys: keys, Factors: auth.PasswordOnly}, nil, ftp, false},
		"key over SFTP":             {User{Keys: keys}, nil, sftp, false},
		"certificate over SFTP":     {User{}, keys, sftp, false},
		"both over SFTP":            {User{PasswordHash: hash, Keys: keys, Factors: auth.KeyThenPassword}, nil, sftp, false},
		"SFTP only, over FTP":       {User{PasswordHash: hash, Protocols: []string{auth.SFTP}}, nil, ftp, true},
		"SFTP only, over SFTP":      {User{PasswordHash: hash, Protocols: []string{auth.SFTP}}, nil, sftp, false},
		"either, over SFTP":         {User{PasswordHash: hash, Protocols: []string{auth.FTPS, auth.SFTP}}, nil, sftp, false},
		"FTP where TLS is required": {User{PasswordHash: hash, Protocols: []string{auth.FTP}}, nil, required, true},
		"disabled, with a key":      {User{Keys: keys, Disabled: true}, nil, ftp, false},
		"disabled, with a password": {User{PasswordHash: hash, Disabled: true}, nil, ftp, false},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := &Tenant{Authorities: test.authorities, Users: []User{test.user}}
			c := &Config{Frontends: []*Frontend{{Config: test.frontend}}, Tenants: []*Tenant{tenant}}
			var got []string
			for _, d := range reach(c, []placed{{user: &test.user, of: tenant}}) {
				got = append(got, d.Summary)
			}
			var want []string
			if test.refused {
				want = append(want, "User can never log in")
			}
			if test.refused || test.user.Disabled {
				want = append(want, "Frontend without users")
			}
			if why := fmt.Sprint(reach(c, []placed{{user: &test.user, of: tenant}})); test.refused && strings.Contains(why, "to which protocols limits the user") != (len(test.user.Protocols) > 0) {
				t.Errorf("the warning says: %s", why)
			}
			if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAnnounced(t *testing.T) {
	private := netip.MustParsePrefix("10.0.0.0/8")
	office := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	for name, test := range map[string]struct {
		server   server
		networks []netip.Prefix
		warns    bool
	}{
		"private":                       {server{listen: "0.0.0.0:21", host: "10.1.2.3"}, nil, true},
		"loopback":                      {server{listen: ":21", host: "127.0.0.1"}, nil, true},
		"of a carrier":                  {server{listen: ":21", host: "100.64.1.1"}, nil, true},
		"on an address of the internet": {server{listen: "203.0.113.7:21", host: "192.168.1.1"}, nil, true},
		"on a name":                     {server{listen: "ftp.example:21", host: "192.168.1.1"}, nil, true},
		"address of the internet":       {server{listen: ":21", host: "203.0.113.7"}, nil, false},
		"name":                          {server{listen: ":21", host: "ftp.example"}, nil, false},
		"none":                          {server{listen: ":21"}, nil, false},
		"listens on a private address":  {server{listen: "10.1.2.3:21", host: "10.1.2.3"}, nil, false},
		"listens on loopback":           {server{listen: "127.0.0.1:21", host: "127.0.0.1"}, nil, false},
		"for a private network":         {server{listen: ":21", host: "10.1.2.3", to: private}, nil, false},
		"for a network of the internet": {server{listen: ":21", host: "10.1.2.3", to: office[0]}, nil, true},
		"users of private networks":     {server{listen: ":21", host: "10.1.2.3"}, []netip.Prefix{private}, false},
		"users of several networks":     {server{listen: ":21", host: "10.1.2.3"}, append(office, private), true},
	} {
		t.Run(name, func(t *testing.T) {
			test.server.password = true
			c := &Config{
				Frontends: []*Frontend{{Config: test.server}},
				Tenants:   []*Tenant{{Users: []User{{PasswordHash: "x", Networks: test.networks}}}},
			}
			if got := announced(c); len(got) > 0 != test.warns {
				t.Errorf("got %v, warns %v", got, test.warns)
			}
		})
	}
}

// The rights in the first directory are those of the nearest path.
func TestHomeRights(t *testing.T) {
	u := User{
		Allow: vfs.PermWrite, Home: vfs.MustParse("/in/new"),
		Paths: []vfs.PathRule{{At: vfs.MustParse("/in"), Allow: vfs.PermList}, {At: vfs.MustParse("/in/new/x"), Allow: vfs.PermRead}, {At: vfs.MustParse("/out"), Allow: vfs.PermMkdir}},
	}
	if got := homeRights(&u); got != vfs.PermList {
		t.Errorf("got %v", got)
	}
	if got := homeRights(&User{Allow: vfs.PermRead, Paths: u.Paths}); got != vfs.PermRead {
		t.Errorf("at the root: %v", got)
	}
}
