package main

import "flag"

// envFileFlag adds the flag -env-file, which may be given several times.
func envFileFlag(flags *flag.FlagSet, files *[]string) {
	flags.Func("env-file", "read variables for env() from a `file` of lines NAME=VALUE, as systemd's EnvironmentFile= does; can be given several times",
		func(file string) error {
			*files = append(*files, file)
			return nil
		})
}
