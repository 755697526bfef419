// Package windows runs the program for Windows under Wine, as a service, from its installation
// to its removal, while curl transfers files from Linux.
//
// It is a module of its own, because Wine is large: make windows runs it. The directory of
// Wine's Windows is kept in .build/wine.
//
// Wine starts no service again after a crash, and runs all services as one user. So the test
// sees that the account is registered, and nothing of restarts.
package windows
