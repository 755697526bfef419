package ftpclient

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Entry is one entry of a listing.
type Entry struct {
	Name string
	// Type is the fact "type" in lower case: "file", "dir", "cdir", "pdir". A
	// LIST line gives "file" and "dir".
	Type string
	// Size is -1 where the listing has none.
	Size int64
	// ModTime is zero where the listing has none. That of a LIST line has
	// the precision of its form.
	ModTime time.Time
	// Facts are all facts of MLSD and MLST, names in lower case.
	Facts map[string]string
}

// IsDir reports whether the entry is a directory of any kind.
func (e Entry) IsDir() bool { return e.Type == "dir" || e.Type == "cdir" || e.Type == "pdir" }

// MLSD lists the directory dir, "" for the current one (RFC 3659 section 7).
// It returns all entries, cdir and pdir with them.
func (c *Conn) MLSD(dir string) ([]Entry, error) {
	var entries []Entry
	err := c.list("MLSD", dir, func(line string) error {
		e, err := parseFacts(line)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// MLST describes one entry (RFC 3659 section 7). Name is the path as the server
// writes it.
func (c *Conn) MLST(name string) (Entry, error) {
	r, err := c.Do(command("MLST", name), 250)
	if err != nil {
		return Entry{}, err
	}
	if len(r.Lines) != 3 || !strings.HasPrefix(r.Lines[1], " ") {
		return Entry{}, fmt.Errorf("ftpclient: MLST %s: reply %q has no entry", name, r.Lines)
	}
	return parseFacts(r.Lines[1][1:])
}

// List is LIST, for the Unix form of lines. now is what lines without a year
// are read against.
func (c *Conn) List(arg string, now time.Time) ([]Entry, error) {
	var entries []Entry
	err := c.list("LIST", arg, func(line string) error {
		if strings.HasPrefix(line, "total ") {
			return nil
		}
		e, err := parseUnixLine(line, now)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// NLST returns the names that the server sends.
func (c *Conn) NLST(arg string) ([]string, error) {
	var names []string
	err := c.list("NLST", arg, func(line string) error {
		names = append(names, line)
		return nil
	})
	return names, err
}

// list runs a listing and gives each line to use, as it comes. The transfer is
// read to its end in any case.
func (c *Conn) list(verb, arg string, use func(line string) error) error {
	t, err := c.Transfer(command(verb, arg), 0)
	if err != nil {
		return err
	}
	defer t.Close()
	r := bufio.NewReader(t.Retrieve())
	var useErr error
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF && line == "" {
			return useErr
		}
		if err == io.EOF {
			return fmt.Errorf("ftpclient: %s: listing ends within the line %q", verb, line)
		}
		if err != nil {
			return err
		}
		text, ok := strings.CutSuffix(line, "\r\n")
		if !ok {
			return fmt.Errorf("ftpclient: %s: line %q does not end with CR LF", verb, line)
		}
		if err := use(text); err != nil && useErr == nil {
			useErr = err
		}
	}
}

func command(verb, arg string) string {
	if arg == "" {
		return verb
	}
	return verb + " " + arg
}

// parseFacts reads "fact=value;fact=value; name".
func parseFacts(line string) (Entry, error) {
	facts, name, ok := strings.Cut(line, " ")
	if !ok || name == "" {
		return Entry{}, fmt.Errorf("ftpclient: no name in the facts %q", line)
	}
	e := Entry{Name: name, Size: -1, Facts: make(map[string]string)}
	for fact := range strings.SplitSeq(strings.TrimSuffix(facts, ";"), ";") {
		key, value, ok := strings.Cut(fact, "=")
		if !ok {
			return Entry{}, fmt.Errorf("ftpclient: no value in the fact %q of %q", fact, line)
		}
		e.Facts[strings.ToLower(key)] = value
	}
	e.Type = strings.ToLower(e.Facts["type"])
	var err error
	if size, ok := e.Facts["size"]; ok {
		if e.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
			return Entry{}, fmt.Errorf("ftpclient: facts %q: %w", line, err)
		}
	}
	if modify, ok := e.Facts["modify"]; ok {
		if e.ModTime, err = time.Parse(timeFormat, modify); err != nil {
			return Entry{}, fmt.Errorf("ftpclient: facts %q: %w", line, err)
		}
	}
	return e, nil
}

// parseUnixLine reads one line of "ls -l": mode, links, owner, group, size and
// three words of time, each followed by blanks, the last by exactly one.
func parseUnixLine(line string, now time.Time) (Entry, error) {
	var word [8]string
	rest := line
	for i := range word {
		rest = strings.TrimLeft(rest, " ")
		w, after, ok := strings.Cut(rest, " ")
		if !ok {
			return Entry{}, fmt.Errorf("ftpclient: line %q has no name", line)
		}
		word[i], rest = w, after
	}
	size, err := strconv.ParseInt(word[4], 10, 64)
	if err != nil || rest == "" || len(word[0]) != 10 {
		return Entry{}, fmt.Errorf("ftpclient: line %q is not that of ls -l", line)
	}
	at, err := parseUnixTime(strings.Join(word[5:], " "), now)
	if err != nil {
		return Entry{}, fmt.Errorf("ftpclient: line %q: %w", line, err)
	}
	e := Entry{Name: rest, Type: "file", Size: size, ModTime: at}
	if word[0][0] == 'd' {
		e.Type = "dir"
	}
	return e, nil
}

// parseUnixTime reads "Jan 2 2006" or, for the last twelve months,
// "Jan 2 15:04".
func parseUnixTime(text string, now time.Time) (time.Time, error) {
	if !strings.Contains(text, ":") {
		return time.Parse("Jan 2 2006", text)
	}
	year := now.UTC().Year()
	at, err := parseInYear(text, year)
	// Next year's listing of a February 29 fails above, one of a later month
	// than now lies in the future: both are of last year.
	if err != nil || at.After(now.Add(24*time.Hour)) {
		return parseInYear(text, year-1)
	}
	return at, nil
}

func parseInYear(text string, year int) (time.Time, error) {
	return time.Parse("Jan 2 15:04 2006", text+" "+strconv.Itoa(year))
}
