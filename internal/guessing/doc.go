// Package guessing counts wrong passwords of the whole process, over connections and
// protocols, and says when a further one is refused without a check.
//
//	table := guessing.New(guessing.Defaults())
//	…
//	try := table.Begin(from, login)
//	if refusal := try.Refused(); refusal != nil {
//		return refusal // the client gets the reply to a wrong password
//	}
//	… // the password waits for its turn
//	if refusal := try.Again(); refusal != nil {
//		return refusal
//	}
//	if right {
//		try.Succeeded()
//	} else {
//		try.Failed(password)
//	}
//
// Failures are counted for the client's address and for the login. When a count reaches its
// limit, further attempts are refused for the time Settings.RefuseFor. In that time the count
// leaks to zero.
//
// # What is forgiven
//
// Many clients share one address, and the commonest guesser is a device with an old
// password, or of a user that was disabled. So
//
//   - a pair of address and login that has succeeded is usual: it is refused only for its
//     own failures, not for those of the address or for guesses of the login elsewhere, and
//     its failures do not count for the address;
//   - one of the last four wrong passwords of a pair does not count again;
//   - a success takes back the failures of its own pair, and, once in RefuseFor for each
//     pair, a sixth of the address's limit.
//
// The right password of a user that may not log in, for example a disabled one, counts as a
// failure. Otherwise a guesser could find out from later refusals that the password was right.
//
// # Memory
//
// Each of the four tables (addresses, logins, pairs, usual pairs) has at most maxEntries
// entries, some 150 bytes each, a pair 220, and forgets the one that was used longest ago. Only a
// success makes a pair usual, so guesses cannot displace usual pairs.
//
// # What it is not
//
// It checks no password and delays no reply. It counts on this node alone.
package guessing
