package main

import (
	"context"
	"errors"
	"os"
)

// sftpOperations are what clients do with one request, or with those that a file
// takes from OPEN to CLOSE.
func sftpOperations(p protocol) []operation {
	session := func(use func(c sftp) error) action { return in(p, use) }
	send := func(name string, size int64) action {
		return session(func(c sftp) error { return put.move(c, name, size) })
	}
	receive := func(name string, size int64) action {
		return session(func(c sftp) error { return get.move(c, name, size) })
	}
	return []operation{
		{"SFTP put of 64 KiB, a new file", send("/new", smallFile), 1, 1},
		{"SFTP put of 64 KiB, replacing", send("/file", smallFile), 3, 3},
		{"SFTP put of 64 MiB", send("/new", 64*mib), 9, 0},
		{"SFTP get of 64 KiB", receive("/file", smallFile), 1, 1},
		{"SFTP get of an empty file", receive("/empty", 0), 2, 0},
		{"SFTP STAT", session(func(c sftp) error { _, err := c.Stat("/file"); return err }), 1, 1},
		{"SFTP OPENDIR, READDIR", session(func(c sftp) error { _, err := c.list("/made"); return err }), 1, 1},
		{"SFTP RENAME of a file", session(func(c sftp) error { return c.Rename("/file", "/moved") }), 4, 3},
		{"SFTP posix-rename of a file", session(func(c sftp) error { return c.PosixRename("/file", "/moved") }), 4, 3},
		{"SFTP MKDIR", session(func(c sftp) error { return c.Mkdir("/new") }), 2, 1},
		{"SFTP RMDIR", session(func(c sftp) error { return c.RemoveDirectory("/hollow") }), 2, 2},
		{"SFTP REMOVE", session(func(c sftp) error { return c.Remove("/file") }), 2, 2},
		{"SFTP append of 64 KiB", session(func(c sftp) error { return c.write("/log", os.O_WRONLY|os.O_APPEND, newSource(smallFile)) }), 4, 3},
		{"SFTP login", session(func(sftp) error { return nil }), 0, 0},
	}
}

// openSSHOperations are commands of OpenSSH's client, which looks before and
// after it acts: what its users cause, without a target.
func openSSHOperations() []operation {
	session := func(use func(c *openSSH) error) action {
		return func(ctx context.Context, s *site) error {
			c, err := s.dialOpenSSH(ctx)
			if err != nil {
				return err
			}
			return errors.Join(use(c), c.close())
		}
	}
	command := func(command string) action {
		return session(func(c *openSSH) error { return c.do(command) })
	}
	move := func(d direction, name string) action {
		return session(func(c *openSSH) error { return c.move(d, name, smallFile) })
	}
	return []operation{
		{"OpenSSH put of 64 KiB, a new file", move(put, "/new"), noTarget, 0},
		{"OpenSSH put of 64 KiB, replacing", move(put, "/file"), noTarget, 0},
		{"OpenSSH get of 64 KiB", move(get, "/file"), noTarget, 0},
		{"OpenSSH ls -l", command("ls -l /made"), noTarget, 0},
		{"OpenSSH rename of a file", command("rename /file /moved"), noTarget, 0},
		{"OpenSSH rm", command("rm /file"), noTarget, 0},
		{"OpenSSH mkdir", command("mkdir /new"), noTarget, 0},
		{"OpenSSH rmdir", command("rmdir /hollow"), noTarget, 0},
	}
}
