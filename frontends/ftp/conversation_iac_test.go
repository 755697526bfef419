package ftp_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/charset"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// The byte 0xFF is a letter in many character sets. It is stored as that letter,
// from clients that double it as Telnet has it (RFC 854) and from those that do
// not, by every command, and never left out.
func TestByteFFInNames(t *testing.T) {
	t.Parallel()
	for set, letter := range map[string]string{"cp1251": "я", "koi8-r": "Ъ", "iso-8859-1": "ÿ", "cp1252": "ÿ", "iso-8859-7": ""} {
		cs, err := charset.Parse(set)
		if err != nil {
			t.Fatal(err)
		}
		for doubling, ff := range map[string]string{"doubled": "\xff\xff", "as it is": "\xff"} {
			t.Run(set+" "+doubling, func(t *testing.T) {
				b := memory.New()
				g := startFor(t, b, &tenant.User{Dialect: tenant.Dialect{Charset: cs}}, nil)
				c := g.login(ftpclient.Options{})
				if letter == "" {
					g.say(c, "MKD a"+ff, 553)
					return
				}
				for _, name := range []string{ff, "a" + ff, ff + "b", "a" + ff + ".txt", "a" + ff + " " + ff + "b", ff + ff + ff, "a" + ff + ff + " " + ff} {
					stored := strings.ReplaceAll(name, ff, letter)
					g.put(c, name, "content")
					if _, err := b.Stat(t.Context(), vfs.MustParse("/"+stored), vfs.TypeFile); err != nil {
						t.Fatalf("STOR %q is not stored as %q: %v", name, stored, err)
					}
					g.want(c, name, "content")
					g.say(c, "SIZE "+name, 213, "MDTM "+name, 213, "MLST "+name, 250, "STAT "+name, 213, "HASH "+name, 213,
						"RNFR "+name, 350, "RNTO to "+name, 250, "DELE to "+name, 250,
						"MKD "+name, 257, "CWD "+name, 250, "CDUP", 250, "RMD "+name, 250)
				}
				if names := strings.Join(g.list(c, "NLST"), ","); names != "" {
					t.Errorf("other names are left: %q", names)
				}
			})
		}
	}
}

// Where names are UTF-8 no name has the byte: it is refused, and nothing is
// stored under a name that it was left out of.
func TestByteFFInUTF8(t *testing.T) {
	t.Parallel()
	b := memory.New()
	g := start(t, b, nil)
	c := g.login(ftpclient.Options{})
	for _, name := range []string{"a\xff", "\xff", "a\xff\xff", "a\xff\xf4b", "a\xff\xfd\x01b", "a\xff\xf2", "\xff\xff\xff", "Росси\xff.txt"} {
		for _, verb := range []string{"STOR", "APPE", "STOU", "RETR", "LIST", "NLST", "MLSD"} {
			if _, err := c.Transfer(verb+" "+name, 0); ftpclient.CodeOf(err) != 553 {
				t.Errorf("%s %q: %v, want 553", verb, name, err)
			}
		}
		g.say(c, "MKD "+name, 553, "CWD "+name, 553, "DELE "+name, 553, "RNFR "+name, 553, "SIZE "+name, 553)
	}
	if names := strings.Join(g.list(c, "NLST"), ","); names != "" {
		t.Errorf("stored: %q", names)
	}
}

// A password with the byte is wrong, not another password.
func TestByteFFInLogins(t *testing.T) {
	t.Parallel()
	g := start(t, memory.New(), nil)
	c := g.connect(ftpclient.Options{})
	g.say(c, "USER u", 331, "PASS p\xff", 530, "USER u", 331, "PASS \xff\xffp", 530, "USER u", 331, "PASS p", 230)
	c = g.connect(ftpclient.Options{})
	g.say(c, "USER u\xff", 331, "PASS p", 530, "USER \xff\xf4u", 331, "PASS p", 530)
}
