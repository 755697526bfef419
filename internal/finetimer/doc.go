// Package finetimer has a timer for waits of a few milliseconds.
//
// The runtime's own timers wait for the network with a time-out in whole milliseconds. While
// a program also receives, each answer of the network begins that time-out anew, so that a
// timer of one millisecond ends up to one millisecond late. On Linux a Timer is a timer of
// the kernel (timerfd_create(2)), elsewhere one of the runtime.
package finetimer
