// Package targets runs one property over every frontend and every kind of store:
// whatever text a client sends as the target of an upload or a rename, exactly
// that name holds exactly that content afterwards, or the client was refused and
// nothing has changed. See frontendtest.RunTargets. Over accounts with a hierarchical namespace
// it also runs what the suite of the frontends asks of a store.
package targets
