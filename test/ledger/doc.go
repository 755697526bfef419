// Package ledger proves that a 226, and the OK to SFTP's CLOSE, are durable acknowledgements.
// Clients upload the same names again and again and break off in every way of their protocol, at
// stages that a seed decides. The store fails at every kind of request, servers are stopped, and
// processes are killed. A ledger records what each client sent and the replies that it got. The
// tests compare it with the store after each upload, and with what clients of both protocols read
// at any time:
//
//   - after an acknowledgement the name holds exactly what was sent, until the next upload;
//   - after any other answer it holds what it held before. Only when the store's
//     answer to the commit was lost, or when the client had ended its data in
//     order (had sent CLOSE) and did not get the answer, may it hold the new
//     content, whole;
//   - no reader ever sees anything else, nor a name that no client uploaded.
//
// Each name has one uploader at a time, so that the ledger is exact: after a client has left
// without an answer, the test waits until the server has ended the session, and then looks which
// of the two contents the store holds. TestTwoWriters and TestExclusive test names with several
// uploaders.
//
// The seed is printed; -ledger.seed repeats the choices of a run, but not the times of events.
package ledger
