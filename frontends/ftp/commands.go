package ftp

import (
	"maps"
	"slices"
)

// commandTable returns the one table of commands.
func commandTable() map[string]*command {
	table := map[string]*command{}
	for _, family := range [][]command{
		sessionCommands(), hostCommands(), featureCommands(), siteCommands(), tlsCommands(), parameterCommands(), passiveCommands(), activeCommands(),
		transferCommands(), listCommands(), pathCommands(), timeCommands(), hashCommands(),
	} {
		for _, c := range family {
			table[c.verb] = &c
		}
	}
	return table
}

func sortedVerbs(table map[string]*command) []string {
	return slices.Sorted(maps.Keys(table))
}
