package ftp

import (
	"github.com/tidegate/tidegate/frontends/ftp/control"
	"github.com/tidegate/tidegate/frontends/ftp/engine"
)

// handling says what becomes of a command.
type handling string

const (
	// passed: the library executes the command as it came.
	passed handling = "passed on"
	// rewritten: the library executes something else for it.
	rewritten handling = "rewritten"
	// answered: the filter answers, the library never sees it.
	answered handling = "answered"
	// refused: the filter knows the command and never executes it.
	refused handling = "refused"
)

// command is an entry of the table.
type command struct {
	verb string
	does handling
	// rfc is where the command is defined.
	rfc string
	// open commands work before the login.
	open bool
	// args says what follows the verb: "" for nothing, in brackets where it may
	// be missing. A command that lacks what must be there is refused: the
	// library would take the working directory, and RMD remove it.
	args string
	// transfers is true where the command uses the data connection.
	transfers bool
	// between commands may come between REST or ALLO and the transfer that it
	// is for. All others make the session forget them.
	between bool
	// done, when set, replaces the library's text on success.
	done string
	// library says what the library does with the command without this package. If that is no
	// longer true, the entry is not needed. It is empty for a command whose run is pass.
	library string
	// run handles the command. What it returns, the library executes; nil is a command
	// that was answered.
	run func(s *session, l control.Line) *engine.Command
}

// needsArgument reports whether the command is nothing without an argument.
func (c *command) needsArgument() bool {
	depth := 0
	for _, r := range c.args {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0 && r != ' ':
			return true
		}
	}
	return false
}

// refusal returns an entry that is never executed: the command belongs to
// something that is not there.
func refusal(verb, rfc, args, library string, code int, text string) command {
	return command{verb: verb, does: refused, rfc: rfc, args: args, library: library, run: fixed(code, text)}
}

// answerBy makes a run function of one that answers by itself.
func answerBy(f func(s *session, l control.Line)) func(*session, control.Line) *engine.Command {
	return func(s *session, l control.Line) *engine.Command {
		f(s, l)
		return nil
	}
}

// fixed makes a run function that always gives the same answer.
func fixed(code int, text string) func(*session, control.Line) *engine.Command {
	return answerBy(func(s *session, _ control.Line) { s.control.Reply(code, text) })
}

// pass gives a command to the library as it is.
func pass(_ *session, l control.Line) *engine.Command {
	return &engine.Command{Verb: l.Verb, Arg: l.Arg, Path: l.Arg}
}
