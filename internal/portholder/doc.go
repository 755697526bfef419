// Package portholder names the process that has a port, or says that it is this one, for errors
// about busy ports.
package portholder
