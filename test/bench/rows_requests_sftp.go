package main

import "os"

// sftpOperations are what clients do with one request, or with those that a file
// takes from OPEN to CLOSE.
func sftpOperations() []operation {
	do := func(do func(c sftp) error) func(client) error {
		return func(c client) error { return do(c.(sftp)) }
	}
	send := func(name string, size int64) func(client) error {
		return func(c client) error { return put.move(c, name, size) }
	}
	receive := func(name string, size int64) func(client) error {
		return func(c client) error { return get.move(c, name, size) }
	}
	return []operation{
		{"put of 64 KiB, a new file", send("/new", smallFile), 1, 1},
		{"put of 64 KiB, replacing", send("/file", smallFile), 1, 1},
		{"put of 64 MiB", send("/new", 64*mib), 9, 0},
		{"get of 64 KiB", receive("/file", smallFile), 1, 1},
		{"get of an empty file", receive("/empty", 0), 2, 0},
		{"STAT", do(func(c sftp) error { _, err := c.Stat("/file"); return err }), 1, 1},
		{"OPENDIR, READDIR", do(func(c sftp) error { _, err := c.list("/made"); return err }), 1, 1},
		{"RENAME of a file", do(func(c sftp) error { return c.Rename("/file", "/moved") }), 3, 3},
		{"posix-rename of a file", do(func(c sftp) error { return c.PosixRename("/file", "/moved") }), 3, 3},
		{"MKDIR", do(func(c sftp) error { return c.Mkdir("/new") }), 2, 1},
		{"RMDIR", do(func(c sftp) error { return c.RemoveDirectory("/hollow") }), 2, 2},
		{"REMOVE", do(func(c sftp) error { return c.Remove("/file") }), 1, 1},
		{"append of 64 KiB", do(func(c sftp) error { return c.write("/log", os.O_WRONLY|os.O_APPEND, newSource(smallFile)) }), 4, 3},
		{"login", func(client) error { return nil }, 0, 0},
	}
}
