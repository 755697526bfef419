// Package azauth decodes the blocks `auth "KIND" {}` that say how the gateway proves to
// a service of Azure who it is, and makes the identities that return tokens:
//
//	type Config struct {
//		Auth []azauth.Auth `hcl:"auth,block"`
//	}
//	…
//	token, err := identities.Of(&c.Auth[0])
//
// What a service makes of a key, a signature or a connection string is in the package that
// speaks with that service.
package azauth
