package ftp

import "github.com/tidegate/tidegate/vfs"

// look finds the entry that a command's argument names.
func (s *session) look(arg string, want vfs.Type) (p vfs.Path, info vfs.Info, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = s.Panicked(r)
		}
	}()
	if p, err = s.resolve(arg); err != nil {
		return p, info, err
	}
	info, err = s.login.view.Stat(s.ctx, p, want)
	return p, info, err
}

// resolve parses a path of a client, relative to the working directory of the session.
func (s *session) resolve(arg string) (vfs.Path, error) {
	cwd, err := vfs.ParsePath(vfs.Path{}, s.engine.Path())
	if err != nil {
		return vfs.Path{}, err
	}
	return vfs.ParsePath(cwd, arg)
}
