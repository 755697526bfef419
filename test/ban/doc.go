// Package ban tests deploy/fail2ban: it lets fail2ban-regex read the log of a gateway
// after known guesses, and compares the addresses that it finds.
package ban
