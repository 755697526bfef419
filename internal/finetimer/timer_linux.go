package finetimer

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// longest is the longest wait that the kernel's timer is used for: the error of the
// runtime's does not matter in a longer one.
const longest = 10 * time.Millisecond

// Timer sends on C once, when its time is over. Stop must be called in the end. It is used
// by one goroutine.
type Timer struct {
	C <-chan struct{}

	runtime *time.Timer // instead of the kernel's
	file    *os.File
	stopped chan struct{} // closed when nothing reads file any more
}

// New starts a timer of d.
func New(d time.Duration) *Timer {
	if d > 0 && d <= longest {
		if t, err := newKernel(d); err == nil {
			return t
		}
	}
	return newRuntime(d)
}

func newKernel(d time.Duration) (*Timer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err // no descriptor is left
	}
	once := &unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
	if err := unix.TimerfdSettime(fd, 0, once, nil); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	c := make(chan struct{}, 1)
	t := &Timer{C: c, file: os.NewFile(uintptr(fd), "timer"), stopped: make(chan struct{})}
	go func() {
		defer close(t.stopped)
		var expirations [8]byte
		if _, err := t.file.Read(expirations[:]); err == nil {
			c <- struct{}{}
		}
	}()
	return t, nil
}

func newRuntime(d time.Duration) *Timer {
	c := make(chan struct{}, 1)
	return &Timer{C: c, runtime: time.AfterFunc(d, func() { c <- struct{}{} })}
}

// Stop ends the timer and frees it.
func (t *Timer) Stop() {
	if t.runtime != nil {
		t.runtime.Stop()
		return
	}
	_ = t.file.Close()
	<-t.stopped
}
