// Package replacefile gives a file other content at once.
//
// The new content is in a file of its own until it is stored. Then that file takes the name
// of the old one, with its mode and owner. So a reader sees either content as a whole, also
// after a crash.
package replacefile
