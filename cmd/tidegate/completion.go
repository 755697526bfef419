package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/cmd/internal/migrate"
)

const completionDetails = `SHELL is bash, zsh or fish. For example, for all users of a machine:

  tidegate completion bash > /usr/share/bash-completion/completions/tidegate
  tidegate completion zsh  > /usr/share/zsh/vendor-completions/_tidegate
  tidegate completion fish > /usr/share/fish/vendor_completions.d/tidegate.fish

The packages have installed them.`

// completion prints the completions for one shell.
func (d describer) completion(args []string) error {
	set := newFlags("completion")
	rest, err := d.parse(set, args, 1, 1)
	if err != nil {
		return err
	}
	makers := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	maker, ok := makers[rest[0]]
	if !ok {
		shells := []string{"bash", "zsh", "fish"}
		return usageError{fmt.Sprintf("completion: there is no shell %q%s", rest[0], didYouMean(rest[0], shells)), set.Name()}
	}
	_, err = io.WriteString(d.stdout, maker())
	return err
}

// wordsAfter returns what may follow a command, beside files: its flags, the commands below
// it, and for help the names of the commands.
func wordsAfter(c command) []string {
	var words []string
	switch c.name {
	case "help":
		words = names(commands())
	case "completion":
		words = []string{"bash", "zsh", "fish"}
	case "import":
		words = migrate.Formats()
	}
	for _, sub := range subCommands() {
		if verb, below := strings.CutPrefix(sub.name, c.name+" "); below {
			words = append(words, verb)
		}
	}
	for _, f := range flagsOf(c) {
		words = append(words, "-"+f.Name)
	}
	return words
}

func names(all []command) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.name)
	}
	return names
}

// bashCompletion completes commands, and after a command its words and files.
func bashCompletion() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# bash completion for tidegate
_tidegate() {
	local current=${COMP_WORDS[COMP_CWORD]} words
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "%s" -- "$current"))
		return
	fi
	local command=${COMP_WORDS[1]}
	[ "$command" = user ] && [ "$COMP_CWORD" -gt 2 ] && command="user ${COMP_WORDS[2]}"
	case $command in
`, strings.Join(names(commands()), " "))
	for _, c := range allCommands() {
		fmt.Fprintf(&b, "\t%q) words=%q ;;\n", c.name, strings.Join(wordsAfter(c), " "))
	}
	b.WriteString(`	esac
	COMPREPLY=($(compgen -W "$words" -- "$current"))
	case $current in -*) ;; *) COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F _tidegate tidegate
`)
	return b.String()
}

// zshCompletion completes the same, with what each word means.
func zshCompletion() string {
	var b strings.Builder
	b.WriteString("#compdef tidegate\n\n_tidegate() {\n\tlocal -a words_of\n\tif (( CURRENT == 2 )); then\n\t\twords_of=(\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "\t\t\t%s\n", quoted(c.name+":"+c.summary))
	}
	b.WriteString("\t\t)\n\t\t_describe command words_of\n\t\treturn\n\tfi\n\tlocal command=$words[2]\n")
	b.WriteString("\t[[ $command = user ]] && (( CURRENT > 3 )) && command=\"user $words[3]\"\n\tcase $command in\n")
	for _, c := range allCommands() {
		fmt.Fprintf(&b, "\t\t%s) words_of=(", quoted(c.name))
		flags := map[string]*flag.Flag{}
		for _, f := range flagsOf(c) {
			flags["-"+f.Name] = f
		}
		for _, word := range wordsAfter(c) {
			if f := flags[word]; f != nil {
				_, usage := flag.UnquoteUsage(f)
				word += ":" + usage
			}
			b.WriteString(" " + quoted(word))
		}
		b.WriteString(" ) ;;\n")
	}
	b.WriteString("\tesac\n\t_describe word words_of\n\t[[ $words[CURRENT] = -* ]] || _files\n}\n\ncompdef _tidegate tidegate\n")
	return b.String()
}

// fishCompletion completes the same.
func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for tidegate\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "complete -c tidegate -n __fish_use_subcommand -f -a %s -d %s\n", quoted(c.name), quoted(c.summary))
	}
	for _, c := range allCommands() {
		condition := "__fish_seen_subcommand_from " + c.name
		if verb, below := strings.CutPrefix(c.name, "user "); below {
			condition = "__fish_seen_subcommand_from user; and __fish_seen_subcommand_from " + verb
		}
		for _, f := range flagsOf(c) {
			_, usage := flag.UnquoteUsage(f)
			value := ""
			if takesValue(f) {
				value = " -r"
			}
			fmt.Fprintf(&b, "complete -c tidegate -n %s -o %s%s -d %s\n", quoted(condition), f.Name, value, quoted(usage))
		}
		for _, word := range slices.DeleteFunc(wordsAfter(c), func(w string) bool { return strings.HasPrefix(w, "-") }) {
			fmt.Fprintf(&b, "complete -c tidegate -n %s -f -a %s\n", quoted(condition), quoted(word))
		}
	}
	return b.String()
}

// quoted returns a text in single quotes, as bash, zsh and fish read it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
