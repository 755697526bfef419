package vfstest

import (
	"slices"
	"time"
)

// Leaving returns the target with so much time for goroutines to end.
func (t Target) Leaving(within time.Duration) Target {
	t.leaving = within
	return t
}

// Names returns the names of all tests of the suite, and of those that RunAgain runs.
func Names() (all, again []string) {
	of := func(tests []suiteTest) (names []string) {
		for _, test := range tests {
			names = append(names, test.name)
		}
		slices.Sort(names)
		return names
	}
	return of(allTests()), of(againTests())
}

// LeftOut returns how many tests RunAgain names as left out.
func LeftOut() int { return len(leftOut()) }
