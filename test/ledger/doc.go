// Package ledger proves that a 226 is a durable acknowledgement, and an OK to SFTP's
// CLOSE. Clients upload the same names again and again and break off in every way of
// their protocol, at stages that a seed decides; the store fails at every
// kind of request; servers are stopped and processes killed. A ledger records what
// each client sent and the replies that it got. It is compared with the store after each
// upload, and by readers of both protocols at any moment:
//
//   - after an acknowledgement the name holds exactly what was sent, until the next upload;
//   - after any other answer it holds what it held before. Only when the store's
//     answer to the commit was lost, or when the client had ended its data in
//     order (had sent CLOSE) and did not get the answer, may it hold the new
//     content, whole;
//   - no reader ever sees anything else, nor a name that no client uploaded.
//
// Each name has one uploader at a time, so that the ledger is exact: a client
// that left without an answer waits until the server has ended its session, and then looks
// which of the two contents is there. TestTwoWriters and TestExclusive are about names that
// have several.
//
// The seed is printed; -ledger.seed repeats the choices of a run, though not
// the moments at which things happen.
package ledger
