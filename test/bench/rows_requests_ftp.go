package main

import "io"

// ftpOperations are commands, with what each transfers.
func ftpOperations() []operation {
	do := func(command string, code int) func(client) error {
		return func(c client) error {
			_, err := c.(ftp).Do(command, code)
			return err
		}
	}
	send := func(verb, name string, size int64) func(client) error {
		return func(c client) error {
			t, err := c.(ftp).Transfer(verb+" "+name, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			if _, err := io.Copy(t, newSource(size)); err != nil {
				return err
			}
			return t.Finish()
		}
	}
	receive := func(command string) func(client) error {
		return func(c client) error {
			t, err := c.(ftp).Transfer(command, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			_, err = io.Copy(io.Discard, t.Retrieve())
			return err
		}
	}
	return []operation{
		{"STOR of 64 KiB, a new file", send("STOR", "/new", smallFile), 1, 1},
		{"STOR of 64 KiB, replacing", send("STOR", "/file", smallFile), 1, 1},
		{"STOR of 64 MiB", send("STOR", "/new", 64*mib), 9, 0},
		{"RETR of 64 KiB", receive("RETR /file"), 1, 1},
		{"RETR of an empty file", receive("RETR /empty"), 2, 0},
		{"SIZE", do("SIZE /file", 213), 1, 1},
		{"MDTM", do("MDTM /file", 213), 1, 1},
		{"CWD", do("CWD /made", 250), 1, 1},
		{"LIST", receive("LIST /made"), 1, 1},
		{"LIST of a file", receive("LIST /file"), 2, 0},
		{"RNFR, RNTO of a file", func(c client) error { return c.(ftp).Rename("/file", "/moved") }, 3, 3},
		{"MKD", do("MKD /new", 257), 2, 1},
		{"RMD", do("RMD /hollow", 250), 2, 2},
		{"DELE", do("DELE /file", 250), 1, 1},
		{"APPE of 64 KiB", send("APPE", "/log", smallFile), 4, 3},
		{"login", func(client) error { return nil }, 0, 0},
	}
}
