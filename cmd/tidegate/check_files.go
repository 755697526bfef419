package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/config"
)

// tryFiles reports the files of access logs and audits that cannot be appended to. It makes
// none of them: it would be the file of the user who runs the check.
func tryFiles(c *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	for _, f := range c.Appended {
		switch err := tryFile(f); {
		case err == nil:
		case errors.Is(err, fs.ErrPermission):
			diags = append(diags, config.Warning(f.At, "File needs a right", fmt.Sprintf("%v. The user who runs this check may not write there; the one of the service must.", err)))
		case errors.Is(err, fs.ErrNotExist):
			diags = append(diags, config.Problem(f.At, "No such directory", fmt.Sprintf("%s is not there: make it, and give it to the user of the service.", filepath.Dir(f.Path))))
		default:
			diags = append(diags, config.Problem(f.At, "File cannot be written", fmt.Sprintf("%v.", err)))
		}
	}
	return diags
}

// tryFile opens a file that exists, and makes and removes another one in the directory of a
// file that is made or renamed.
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
	probe, err := os.CreateTemp(filepath.Dir(f.Path), ".tidegate-check-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
