// Package noconfig keeps rclone from creating its configuration directory in the user's
// home.
//
// rclone does that in an init function when it is imported. Only an earlier initialisation
// can prevent it. This is the only exception to the rule that no code runs before main. It
// sets RCLONE_CONFIG, which makes rclone use the named path instead of creating a
// directory; the file is never opened.
//
// The order is guaranteed: packages are initialised as soon as their imports are, in the
// order of their paths (Go specification, "Program initialization"). This package imports
// only os. The imports of rclone's config package, such as net/http, also need os and have
// later paths. A test starts a process and checks its home.
package noconfig

import "os"

var _ = setVariable()

func setVariable() error {
	if _, ok := os.LookupEnv("RCLONE_CONFIG"); ok {
		return nil
	}
	return os.Setenv("RCLONE_CONFIG", os.DevNull)
}
