// Package listen decides which connections a frontend takes: it hears from
// proxies whose a connection is, bounds the sessions at once, and tells the log
// of those that were turned away, in a few lines however many they are.
//
// It knows no protocol. What a client is told that is turned away is the
// frontend's to say.
package listen
