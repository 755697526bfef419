// Package ledger notes what uploads sent, what their clients were told, and what
// the store may hold for that: the durable acknowledgement (P1) and whole contents
// (P2, P3), seen from outside.
//
//	l := ledger.New()
//	l.Begin(name, ledger.Of(b), true)
//	if upload(name, b) == nil {
//		l.Acknowledge(name, ledger.Of(b)) // the name holds exactly this
//	} else {
//		l.Leave(name, ledger.Of(b)) // what it held, or this, whole
//	}
//	err := l.Audit(name, read) // at any moment, also while uploads run
package ledger
