package listen

import (
	"os"
	"sync"
)

// succession hands the sockets of a process over to the one that replaces it. Both have the
// same sockets for a while, so that no client is refused: connections wait in one queue, and
// either process may take them.
//
// For a passive port of FTP that is not enough: its connections are for the process that has
// reserved the port. Such a socket has one user at a time. The new process uses it when the
// old one needs it no more.
type succession struct {
	// handedOver is closed when another process has the sockets, too.
	handedOver chan struct{}
	// free is closed when the process before this one uses none of the sockets that have
	// one user at a time. before is the pipe that tells of it, waiting the goroutine that reads
	// it.
	free    chan struct{}
	before  *os.File
	waiting sync.WaitGroup

	lock sync.Mutex
	// users counts the users of such sockets in this process. next tells the next process that
	// there are none.
	users int
	next  *os.File
}

func (s *succession) init() {
	s.handedOver, s.free = make(chan struct{}), make(chan struct{})
}

// close ends the wait for the process before this one.
func (s *succession) close() {
	if s.before != nil {
		_ = s.before.Close()
	}
	s.waiting.Wait()
}

// tell tells the other process when there are no users. lock is held.
func (s *succession) tell() {
	if s.users == 0 && s.next != nil {
		_ = s.next.Close()
		s.next = nil
	}
}

// Exclusive is the use of a socket that has one user at a time.
type Exclusive struct {
	// Free is closed when the socket may be used: from the start on, or when the process before
	// this one needs it no more. Wanted is closed when the next process waits for it.
	Free, Wanted <-chan struct{}
	// Leave says that it is used no more. It may be called again.
	Leave func()
}

// Exclusive begins the use of a socket that has one user at a time.
func (s *Sockets) Exclusive() Exclusive {
	if s == nil {
		free := make(chan struct{})
		close(free)
		return Exclusive{Free: free, Leave: func() {}}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.users++
	return Exclusive{s.free, s.handedOver, sync.OnceFunc(func() {
		s.lock.Lock()
		defer s.lock.Unlock()
		s.users--
		s.tell()
	})}
}
