package clients

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdBytes writes a part of a sequence that is the same in every run, so that a
// script can make the first half of a file without the file. Each tenant has its own
// sequence, so that the content of one tenant cannot be mistaken for another's.
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: bytes FILE END [BEGIN]")
	}
	number := func(i int) int {
		if i >= len(args) {
			return 0
		}
		n, err := strconv.Atoi(args[i])
		ts.Check(err)
		return n
	}
	begin, end := number(2), number(1)
	all := pseudoRandom(siteOf(ts).user, end)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), all[begin:], 0o666))
}

// pseudoRandom returns the first n bytes of the sequence that has this name.
func pseudoRandom(name string, n int) []byte {
	all := make([]byte, n)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(name))).Read(all) // it never fails
	return all
}

func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] same FILE FILE")
	}
	a, b := readFile(ts, args[0]), readFile(ts, args[1])
	switch same := bytes.Equal(a, b); {
	case neg && same:
		ts.Fatalf("%s and %s are the same", args[0], args[1])
	case !neg && !same:
		ts.Fatalf("%s (%d bytes) and %s (%d bytes) differ %s", args[0], len(a), args[1], len(b), firstDifference(a, b))
	}
}

// cmdGiven makes a file of the script's tenant behind the server's back.
func cmdGiven(st store) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 2 {
			ts.Fatalf("usage: given PATH FILE")
		}
		ts.Check(st.write(siteOf(ts).user+"/"+args[0], readFile(ts, args[1])))
	}
}

// cmdStored looks at a file of the script's tenant behind the server's back.
func cmdStored(st store) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) == 0 || len(args) > 2 || (neg && len(args) == 2) {
			ts.Fatalf("usage: stored PATH [FILE], or ! stored PATH")
		}
		got, found, err := st.read(siteOf(ts).user + "/" + args[0])
		ts.Check(err)
		switch {
		case neg && found:
			ts.Fatalf("the store holds %s, %d bytes", args[0], len(got))
		case !neg && !found:
			ts.Fatalf("the store does not hold %s", args[0])
		case len(args) < 2:
			return
		}
		if want := readFile(ts, args[1]); !bytes.Equal(got, want) {
			ts.Fatalf("the store holds %d bytes as %s, %s has %d; they differ %s",
				len(got), args[0], args[1], len(want), firstDifference(got, want))
		}
	}
}

// readFile reads a file once: with the race detector each copy of a large one takes as
// long as to send it.
func readFile(ts *testscript.TestScript, name string) []byte {
	content, err := os.ReadFile(ts.MkAbs(name))
	ts.Check(err)
	return content
}

func firstDifference(a, b []byte) string {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return "from byte " + strconv.Itoa(i)
		}
	}
	return "in length only"
}

var word = regexp.MustCompile(`"[^"]*"|\S+`)

// doLines has a library in Go do what a file says, a command with up to two
// arguments on each line. "refused CODE COMMAND" is for what the server answers
// with that code.
func doLines(ts *testscript.TestScript, file string, do func(command, a, b string) error, codeOf func(error) string) {
	for line := range strings.Lines(ts.ReadFile(file)) {
		words := word.FindAllString(line, -1)
		for i, w := range words {
			words[i] = strings.Trim(w, `"`)
		}
		refused := words[0] == "refused"
		code := ""
		if refused {
			code, words = words[1], words[2:]
		}
		words = append(words, "", "") // those that the command does not have
		err := do(words[0], words[1], words[2])
		if !refused && err != nil || refused && codeOf(err) != code {
			ts.Fatalf("%s: %v", line, err)
		}
	}
}
