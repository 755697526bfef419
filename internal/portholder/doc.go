// Package portholder names the process that has a port, for errors about busy ports.
package portholder
