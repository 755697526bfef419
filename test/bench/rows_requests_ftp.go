package main

import (
	"io"
	"slices"
)

// ftpOperations are commands, with what each transfers.
func ftpOperations() []operation {
	session := func(use func(c ftp) error) action { return in(plainFTP(), use) }
	command := func(command string, code int) action {
		return session(func(c ftp) error {
			_, err := c.Do(command, code)
			return err
		})
	}
	send := func(verb, name string, size int64) action {
		return session(func(c ftp) error {
			t, err := c.Transfer(verb+" "+name, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			if _, err := io.Copy(t, newSource(size)); err != nil {
				return err
			}
			return t.Finish()
		})
	}
	receive := func(command string) action {
		return session(func(c ftp) error {
			t, err := c.Transfer(command, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			_, err = io.Copy(io.Discard, t.Retrieve())
			return err
		})
	}
	return []operation{
		{"FTP STOR of 64 KiB, a new file", send("STOR", "/new", smallFile), 1, 1},
		{"FTP STOR of 64 KiB, replacing", send("STOR", "/file", smallFile), 3, 3},
		{"FTP STOR of 64 MiB", send("STOR", "/new", 64*mib), 9, 0},
		{"FTP RETR of 64 KiB", receive("RETR /file"), 1, 1},
		{"FTP RETR of an empty file", receive("RETR /empty"), 2, 0},
		{"FTP SIZE", command("SIZE /file", 213), 1, 1},
		{"FTP MDTM", command("MDTM /file", 213), 1, 1},
		{"FTP CWD", command("CWD /made", 250), 1, 1},
		{"FTP LIST", receive("LIST /made"), 1, 1},
		{"FTP LIST of a file", receive("LIST /file"), 2, 0},
		{"FTP RNFR, RNTO of a file", session(func(c ftp) error { return c.Rename("/file", "/moved") }), 5, 4},
		{"FTP MKD", command("MKD /new", 257), 2, 1},
		{"FTP RMD", command("RMD /hollow", 250), 2, 2},
		{"FTP DELE", command("DELE /file", 250), 2, 2},
		{"FTP APPE of 64 KiB", send("APPE", "/log", smallFile), 4, 3},
		{"FTP login", session(func(ftp) error { return nil }), 0, 0},
	}
}

// lakeOperations are those whose cost depends on how the account keeps directories, and a
// rename of a directory with content.
func lakeOperations(all []operation) []operation {
	names := []string{"FTP CWD", "FTP LIST", "FTP RNFR, RNTO of a file", "FTP MKD", "FTP RMD", "FTP DELE"}
	all = slices.DeleteFunc(all, func(op operation) bool { return !slices.Contains(names, op.name) })
	rename := in(plainFTP(), func(c ftp) error { return c.Rename("/made", "/moved") })
	return append(all, operation{"FTP RNFR, RNTO of a directory", rename, 4, 4})
}
