package vfs

import "slices"

// rightWords are the words for the single rights, in the order of the constants.
var rightWords = []string{"list", "read", "write", "overwrite", "delete", "rename", "mkdir"}

// Rights returns the words for the single rights.
func Rights() []string { return slices.Clone(rightWords) }

// ParseRight returns the right that a word stands for.
func ParseRight(word string) (Permission, bool) {
	for i, right := range rightWords {
		if right == word {
			return 1 << i, true
		}
	}
	return 0, false
}
