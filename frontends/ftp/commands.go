package ftp

// handling says what becomes of a command.
type handling string

const (
	// passed: the library executes the command as it came.
	passed handling = "passed on"
	// rewritten: the library executes something else for it.
	rewritten handling = "rewritten"
	// answered: the filter answers, the library never sees it.
	answered handling = "answered"
)

// command is an entry of the table.
type command struct {
	verb string
	does handling
	// rfc is where the command is defined.
	rfc string
	// open commands work before the login.
	open bool
	// argument is true where the command is nothing without one. The library
	// takes the working directory then: RMD would remove it.
	argument bool
	// transfers is true where the command uses the data connection.
	transfers bool
	// done, when set, replaces the library's text on success.
	done string
	// library says what it does without us, for entries that it could have.
	library string
	// run handles the command; pass says that text goes to the library.
	run func(s *session, l line) (text string, pass bool)
}

// commandTable returns the one table of commands.
func commandTable() map[string]*command {
	table := map[string]*command{}
	for _, family := range [][]command{
		sessionCommands(), tlsCommands(), parameterCommands(), passiveCommands(), transferCommands(), listCommands(),
		pathCommands(),
	} {
		for _, c := range family {
			table[c.verb] = &c
		}
	}
	return table
}

// answer makes a run function of one that answers by itself.
func answerBy(f func(s *session, l line)) func(*session, line) (string, bool) {
	return func(s *session, l line) (string, bool) {
		f(s, l)
		return "", false
	}
}

// fixed makes a run function that always gives the same answer.
func fixed(code int, text string) func(*session, line) (string, bool) {
	return answerBy(func(s *session, _ line) { s.reply(code, text) })
}
