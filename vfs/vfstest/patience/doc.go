// Package patience has the time limits of tests, which follow the machine: where
// several programs share each processor, everything takes as many times as long.
//
//	case <-time.After(patience.Limit()):
//		t.Fatal("the session is still open")
//
// A test waits for events. Limit ends a wait for an event that does not come. Scale is for the
// few tests of times that cannot use testing/synctest: it scales a time limit of the program
// under test within which the client of the test must act.
package patience
