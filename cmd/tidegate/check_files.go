package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidegate/tidegate/config"
)

// tryFiles reports the files of access logs and audits that cannot be appended to. It does not
// create missing files, because the user who runs the check would own them.
func tryFiles(c *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	for _, f := range c.Appended {
		switch err := tryFile(f); {
		case err == nil:
		case errors.Is(err, fs.ErrPermission):
			diags = append(diags, config.Warning(f.At, "File needs a right", fmt.Sprintf("%v. The user who runs this check may not write there; the one of the service must.", err)))
		case errors.Is(err, fs.ErrNotExist):
			// The configuration has the problem: config.CheckDirectories.
		default:
			diags = append(diags, config.Problem(f.At, "File cannot be written", fmt.Sprintf("%v.", err)))
		}
	}
	return diags
}

// tryFile opens a file that exists. If the file is missing, or is renamed by the process, it
// makes and removes another file in the same directory.
func tryFile(f config.Appended) error {
	file, err := os.OpenFile(f.Path, os.O_APPEND|os.O_WRONLY, 0)
	switch {
	case err == nil:
		err = file.Close()
		if err != nil || !f.Rotates {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return tryDirectory(filepath.Dir(f.Path))
}

// tryDirectory makes and removes a file in a directory.
func tryDirectory(dir string) error {
	probe, err := os.CreateTemp(dir, ".tidegate-check-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// trySocket reports a unix socket that cannot be made.
func trySocket(s config.Socket) config.Diagnostics {
	dir := filepath.Dir(s.Path)
	err := tryDirectory(dir)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(dir, "/run/"):
		return config.Diagnostics{config.Warning(s.At, "No directory of a socket",
			fmt.Sprintf("%s is not there now. The process does not start without it: RuntimeDirectory=%s in the systemd unit makes it at each start.", dir, strings.TrimPrefix(dir, "/run/")))}
	case errors.Is(err, fs.ErrNotExist):
		return config.Diagnostics{config.Problem(s.At, "No directory of a socket", fmt.Sprintf("%s is not there: make it, and give it to the user of the service.", dir))}
	case errors.Is(err, fs.ErrPermission):
		return config.Diagnostics{config.Warning(s.At, "Socket needs a right", fmt.Sprintf("%v. The user who runs this check may not write there; the one of the service must.", err))}
	}
	return config.Diagnostics{config.Problem(s.At, "Socket cannot be made", fmt.Sprintf("%v.", err))}
}
