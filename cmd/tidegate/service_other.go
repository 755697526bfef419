//go:build !windows

package main

import "errors"

// errNotWindows is the error of the commands of the service elsewhere.
var errNotWindows = errors.New("this is for Windows; elsewhere systemd or another service manager runs tidegate serve: see docs/operations.md")

func openServiceManager() (serviceManager, error) { return nil, errNotWindows }

func runService(input, string) error { return errNotWindows }

// serviceData returns what help shows for the directory of the configuration.
func serviceData() string { return `%ProgramData%\Tidegate` }

// serviceLogFile returns what help shows for the file of the log.
func serviceLogFile() string { return serviceData() + `\logs\tidegate.log` }
