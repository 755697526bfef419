// Package ledger records what uploads sent, the replies that their clients got, and what
// the store may hold according to them: the durable acknowledgement (P1) and whole contents
// (P2), seen from outside.
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
