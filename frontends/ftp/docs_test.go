package ftp

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of commands into docs/ftp.md")

// The table in the documentation is the code's.
func TestCommandsAreDocumented(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/ftp.md", "<!-- commands: made from the code's table, do not edit -->\n", "<!-- /commands -->"
	var b strings.Builder
	b.WriteString("| command | argument | RFC | here | the library alone |\n|---|---|---|---|---|\n")
	table := commandTable()
	for _, verb := range sortedVerbs(table) {
		c := table[verb]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", verb, strings.ReplaceAll(c.args, "|", "\\|"), c.rfc, c.does, c.library)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the commands", file)
	}
	if old == b.String() {
		return
	}
	if !*update {
		t.Fatalf("%s does not show the table; run go test ./frontends/ftp -run TestCommandsAreDocumented -update", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
