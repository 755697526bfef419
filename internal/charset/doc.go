// Package charset converts names between UTF-8, which the gateway uses, and the character
// sets of old clients. It refuses a name that a conversion there and back would change.
package charset
