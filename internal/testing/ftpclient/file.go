package ftpclient

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// timeFormat is the time of MDTM, MFMT and the fact "modify", in UTC (RFC 3659
// section 2.3); a fraction may follow.
const timeFormat = "20060102150405"

// Get reads the file name from offset into w.
func (c *Conn) Get(name string, offset int64, w io.Writer) (int64, error) {
	t, err := c.Transfer("RETR "+name, offset)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	return io.Copy(w, t.Retrieve())
}

// Put stores r as the file name.
func (c *Conn) Put(name string, r io.Reader) error { return c.upload("STOR "+name, 0, r) }

// Append adds r to the file name.
func (c *Conn) Append(name string, r io.Reader) error { return c.upload("APPE "+name, 0, r) }

// Resume stores r as the part of the file name that begins at offset.
func (c *Conn) Resume(name string, offset int64, r io.Reader) error {
	return c.upload("STOR "+name, offset, r)
}

func (c *Conn) upload(command string, offset int64, r io.Reader) error {
	t, err := c.Transfer(command, offset)
	if err != nil {
		return err
	}
	defer t.Close()
	if _, err := io.Copy(t, r); err != nil {
		// A server that fails closes the data connection first and then
		// says why; without its answer the network's error has to do.
		t.Truncate()
		if final := t.Result(); CodeOf(final) != 0 {
			return final
		}
		return err
	}
	return t.Finish()
}

// Size is SIZE (RFC 3659 section 4).
func (c *Conn) Size(name string) (int64, error) {
	r, err := c.Do("SIZE "+name, 213)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(r.Text(), 10, 64)
}

// ModTime is MDTM (RFC 3659 section 3).
func (c *Conn) ModTime(name string) (time.Time, error) {
	r, err := c.Do("MDTM "+name, 213)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(timeFormat, r.Text())
}

// SetModTime is MFMT (draft-somers-ftp-mfxx).
func (c *Conn) SetModTime(name string, at time.Time) error {
	_, err := c.Do("MFMT "+at.UTC().Format(timeFormat)+" "+name, 213)
	return err
}

// Delete is DELE.
func (c *Conn) Delete(name string) error { return c.ok("DELE "+name, 250) }

// Mkdir is MKD. It returns the path that the reply names.
func (c *Conn) Mkdir(name string) (string, error) {
	r, err := c.Do("MKD "+name, 257)
	if err != nil {
		return "", err
	}
	return quotedPath(r.Text())
}

// Rmdir is RMD.
func (c *Conn) Rmdir(name string) error { return c.ok("RMD "+name, 250) }

// Rename is RNFR and RNTO.
func (c *Conn) Rename(from, to string) error {
	if err := c.ok("RNFR "+from, 350); err != nil {
		return err
	}
	return c.ok("RNTO "+to, 250)
}

// Cd is CWD.
func (c *Conn) Cd(dir string) error { return c.ok("CWD "+dir, 250, 200) }

// Pwd is PWD.
func (c *Conn) Pwd() (string, error) {
	r, err := c.Do("PWD", 257)
	if err != nil {
		return "", err
	}
	return quotedPath(r.Text())
}

func (c *Conn) ok(line string, codes ...int) error {
	_, err := c.Do(line, codes...)
	return err
}

// quotedPath takes the path from the text of a 257, where a quote in a name is
// doubled (RFC 959 appendix II).
func quotedPath(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, `"`)
	if !ok {
		return "", fmt.Errorf("ftpclient: no quoted path in 257 %q", text)
	}
	var path strings.Builder
	for {
		before, after, ok := strings.Cut(rest, `"`)
		if !ok {
			return "", fmt.Errorf("ftpclient: no quoted path in 257 %q", text)
		}
		path.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			return path.String(), nil
		}
		path.WriteByte('"')
		rest = after[1:]
	}
}
