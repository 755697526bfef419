// Package windows runs the program for Windows under Wine, as a service, from its installation
// to its removal, while curl transfers files from Linux.
//
// It is a module of its own, because Wine is large: make windows runs it. The directory of
// Wine's Windows is kept in .build/wine.
//
// Wine does not restart a service after a crash, and runs all services as one user. So the test
// checks that the account is registered, and does not test restarts.
package windows
