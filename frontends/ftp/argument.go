package ftp

import "strings"

// blank is what stands between the words of an argument.
const blank = " \t"

// cutWord cuts the first word of an argument from what stands behind one blank
// after it.
func cutWord(arg string) (word, rest string) {
	i := strings.IndexAny(arg, blank)
	if i < 0 {
		return arg, ""
	}
	return arg[:i], arg[i+1:]
}

// cutLastWord cuts the last word of an argument, and the blanks around it, from
// what stands in front.
func cutLastWord(arg string) (rest, word string) {
	arg = strings.TrimRight(arg, blank)
	i := strings.LastIndexAny(arg, blank) + 1
	return strings.TrimRight(arg[:i], blank), arg[i:]
}

func digits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}
