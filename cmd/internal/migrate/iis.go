package migrate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/config/usersfile"
)

// iis reads a CSV file with a header. The column Name is needed; Home, Permissions (words Read
// and Write) and Enabled (True or False) may be missing. IIS gives away no password, so every
// user is disabled.
func (m *migration) iis(text []byte) error {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("this is no CSV file: %w", err)
	}
	if len(rows) == 0 {
		return fmt.Errorf("the file has no header: Name,Home,Permissions,Enabled")
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := columns["name"]; !ok {
		return fmt.Errorf("the header has no column Name: write Name,Home,Permissions,Enabled")
	}
	for _, row := range rows[1:] {
		field := func(name string) string {
			if i, ok := columns[name]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		name := field("name")
		if at := strings.LastIndex(name, `\`); at >= 0 { // DOMAIN\user
			m.note(name, "the domain is not carried")
			name = name[at+1:]
		}
		m.add(usersfile.User{Name: name, Disabled: strings.EqualFold(field("enabled"), "false"), Rights: iisRights(field("permissions"))}, field("home"))
	}
	return nil
}

// iisRights returns the rights for the permissions of an authorization rule, nil for all.
func iisRights(permissions string) []string {
	read, write := strings.Contains(strings.ToLower(permissions), "read"), strings.Contains(strings.ToLower(permissions), "write")
	switch {
	case read && !write:
		return []string{"list", "read"}
	case write && !read:
		return []string{"write", "overwrite", "delete", "rename", "mkdir"}
	}
	return nil
}
