package gateway

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// A changed local and changed defaults are changes of what uses them, and of nothing else.
func TestChangesOfSharedValues(t *testing.T) {
	const text = `
		locals {
		  hash    = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  offices = ["203.0.113.0/24"]
		  root    = "/one"
		  banner  = "hello"
		  people  = ["ann", "bob"]
		  unused  = 1
		}
		backend "local" "l" { root = local.root }
		backend "memory" "m" {}
		frontend "ftp" "f" {
		  listen = "127.0.0.1:2121"
		  banner = local.banner
		  passive { listen = "127.0.0.1:30000" }
		}
		defaults {
		  mount { path = tenant.name }
		  user {
		    password_hash = local.hash
		    networks      = local.offices
		  }
		}
		tenant "a" {
		  mount "/" { backend = backend.memory.m }
		  dynamic "user" {
		    for_each = local.people
		    labels   = [user.value]
		    content {}
		  }
		}
		tenant "b" {
		  defaults {
		    user { home = "/in" }
		  }
		  mount "/" {
		    backend = backend.memory.m
		    path    = "b"
		  }
		  user "cid" { networks = ["198.51.100.0/24"] }
		}
	`
	loaded := func(text string) *config.Config {
		c, diags := config.Load([]config.Source{{Name: "test.hcl", Bytes: []byte(text)}}, Registry(), hostmemory.Limit{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return c
	}
	for _, test := range []struct{ old, new, want string }{
		{`unused  = 1`, `unused  = 2`, "nothing"},
		{`"203.0.113.0/24"`, `"203.0.113.7"`, "users +0 -0 ~2"},
		{`"ann", "bob"`, `"bob", "ann"`, "nothing"},
		{`"ann", "bob"`, `"ann", "eve"`, "users +1 -1 ~0"},
		{`"/one"`, `"/two"`, "backends +0 -0 ~1"},
		{`"hello"`, `"welcome"`, "frontends +0 -0 ~1"},
		{`home = "/in"`, `home = "/in/${user.name}"`, "users +0 -0 ~1"},
		{`path = tenant.name`, `path = "x/${tenant.name}"`, "tenants +0 -0 ~1"},
		{`path = tenant.name`, `cache_control = "no-cache"`, "tenants +0 -0 ~2"},
		{`$2b$10$a`, `$2b$10$b`, "users +0 -0 ~3"},
	} {
		changed := strings.Replace(text, test.old, test.new, 1)
		if changed == text {
			t.Fatalf("there is no %q", test.old)
		}
		if got := compare(loaded(text), loaded(changed)).String(); got != test.want {
			t.Errorf("%q instead of %q changes %s, want %s", test.new, test.old, got, test.want)
		}
	}
}
