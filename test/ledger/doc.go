// Package ledger proves that a 226 is a receipt, and SFTP's CLOSE that is answered
// OK. Clients upload the same names again and again, break off in every way that
// their protocol knows, at stages that a seed decides; the store fails at every
// kind of request; servers are stopped and processes killed. A ledger notes what
// each client sent and was told, and is compared with the store after each upload
// and by readers of both protocols at any moment:
//
//   - after a receipt the name holds exactly what was sent, until the next upload;
//   - after any other answer it holds what it held before. Only when the store's
//     answer to the commit was lost, or when the client had ended its data in
//     order (had sent CLOSE) and did not hear the answer, may it hold the new
//     content, whole;
//   - no reader ever sees anything else, nor a name that nobody uploaded.
//
// Each name has one uploader at a time, so that the ledger is exact: whoever
// left without an answer waits until the server is done with him, and then looks
// which of the two it is. TestTwoWriters and TestExclusive are about names that
// have several.
//
// The seed is printed; -ledger.seed repeats the choices of a run, though not
// the moments at which things happen.
package ledger
