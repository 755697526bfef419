// Package session identifies the connection of a client for which something is done.
//
// A Session is made when a connection is accepted and ends with it. It holds the
// identity that everything else refers to: log lines, metrics, limits, and what is
// held on the client's behalf. It knows no protocol, no log and no store.
//
//	started --Login--> logged in --Logout--> started
//	   |                   |
//	   +-------End---------+--> ended
//
// The session travels in the context of every call that is made for the client, so
// backends and package vfs need not name it in their signatures:
//
//	s := session.New("ftp", "ftp.public", remote)
//	registry.Add(s)
//	defer s.End()
//	ctx = session.NewContext(ctx, s)
//	…
//	s.Login(session.User{Tenant: "acme", Name: "upload"})
//	…
//	s = session.From(ctx) // nil where no client asked for the work
//
// Scarce resources that the work needs are charged to the session's holder:
//
//	lease, err := uploads.TryAcquire(session.HolderOf(ctx), 1)
package session
