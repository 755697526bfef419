package ftp

// LibraryNotes returns what the table says of the library, by verb.
func LibraryNotes() map[string]string {
	notes := map[string]string{}
	for verb, c := range commandTable() {
		if c.library != "" {
			notes[verb] = c.library
		}
	}
	return notes
}

// Passed returns the verbs that the library gets as they come.
func Passed() []string {
	var verbs []string
	for verb, c := range commandTable() {
		if c.does == passed {
			verbs = append(verbs, verb)
		}
	}
	return verbs
}

// Refused returns the verbs that are never executed.
func Refused() map[string]bool {
	verbs := map[string]bool{}
	for verb, c := range commandTable() {
		verbs[verb] = c.does == refused
	}
	return verbs
}
