// Package noconfig keeps rclone from making its configuration directory in the
// home of whoever runs the program.
//
// rclone does that in an init function, so importing it is enough, and before
// main there is no place to prevent it but another initialisation that comes
// first. This is the one exception to the rule that nothing here runs before
// main. All it does is to set RCLONE_CONFIG, the variable by which rclone takes
// the matter out of its hands; the file it names is never opened.
//
// That it comes first is not luck: packages are initialised as soon as their
// imports are, in the order of their paths (Go specification, "Program
// initialization"). This one needs nothing but os, and everything that rclone's
// config package waits for, net/http for one, waits for os as well and has a
// path behind this one's. A test starts a process and looks at its home.
package noconfig

import "os"

var _ = setVariable()

func setVariable() error {
	if _, ok := os.LookupEnv("RCLONE_CONFIG"); ok {
		return nil
	}
	return os.Setenv("RCLONE_CONFIG", os.DevNull)
}
