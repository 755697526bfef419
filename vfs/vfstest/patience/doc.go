// Package patience has the time limits of tests, which follow the machine: where
// several programs share each processor, everything takes as many times as long.
//
//	case <-time.After(patience.Limit()):
//		t.Fatal("the session is still open")
//
// A test waits for events. Limit ends a wait for an event that does not come. Scale is
// for the few tests in which time is the subject and testing/synctest cannot be used: for a time
// that a program under test has, in which its client must have done something.
package patience
