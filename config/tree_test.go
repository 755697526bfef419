package config_test

import (
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/vfs"
)

// A root or the path of a mount that is made of a name lies right below the directory in
// front of it, or the configuration is refused.
func TestPathsOfNamesLeadNowhereElse(t *testing.T) {
	accepted := 0
	for _, name := range []string{
		"a", "ab", "A", "..", ".", "...", "a/b", "a/../b", "../b", "/", "", " ", "a b", `..\b`, `a\..\..\b`, "%2e%2e", "%2e%2e%2fb", "${user.name}", "$${x}", "%{x}",
		"..\x00", "a\x00", "a\n", "a\r\n", "\xff", "\xc0\xae\xc0\xae", "\u202e..", "\u2066", "\uff0e\uff0e", "..\uff0fb", "a\u2215b", "a\u2044..\u2044b", "\u2024\u2024", "\u2025",
		"e\u0301", "\u00e9", ".\u200b.", "\u200b", "\u00ad..", "a.", "a ", "~", "*", "a@b.example", "CON", "-", "\"", "a\"\nroot = \"/", "customers/b",
	} {
		for _, setting := range []string{
			"tenant \"t\" {\n mount \"/\" { backend = backend.store.d }\n user %[1]s {\n password_hash = %[2]q\n root = \"/customers/${user.name}\"\n }\n}",
			"tenant %[1]s {\n mount \"/\" {\n backend = backend.store.d\n path = \"customers/${tenant.name}\"\n }\n user \"u\" { password_hash = %[2]q }\n}",
			"tenant \"t\" {\n mount \"/\" { backend = backend.store.d }\n user %[1]s {\n password_hash = %[2]q\n root = \"/customers/${user.name}/\"\n home = \"/${user.name}\"\n path \"/in\" { allow = [] }\n }\n}",
		} {
			text := "backend \"store\" \"d\" { root = \"/\" }\n" +
				fmt.Sprintf(setting, config.Quote(name), "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
			c, diags := config.Load([]config.Source{{Name: "x.hcl", Bytes: []byte(text)}}, registry(), hostmemory.Limit{})
			if diags.HasErrors() {
				continue
			}
			accepted++
			tenant := c.Tenants[0]
			at, written := tenant.Users[0].Root, tenant.Users[0].Name
			if at.IsRoot() {
				at, written = tenant.Mounts[0].Path, tenant.Name
			}
			if want := vfs.MustParse("/customers").Join(vfs.MustParse("/" + written)); at != want || at.Depth() != 2 {
				t.Errorf("%q: the path is %q", name, at)
			}
		}
	}
	if accepted < 10 {
		t.Errorf("%d configurations were accepted", accepted)
	}
}
