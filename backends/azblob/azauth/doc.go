// Package azauth decodes the blocks `auth "KIND" {}`, which say how the gateway authenticates
// to a service of Azure, and makes the identities that return tokens:
//
//	type Config struct {
//		Auth []azauth.Auth `hcl:"auth,block"`
//	}
//	…
//	token, err := identities.Of(&c.Auth[0])
//
// The package that uses a service applies a key, a signature or a connection string.
package azauth
