package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/config/usersfile"
)

// sftpgoUser is a user of a dump that SFTPGo makes.
type sftpgoUser struct {
	Username    string              `json:"username"`
	Password    string              `json:"password"`
	Status      int                 `json:"status"`
	HomeDir     string              `json:"home_dir"`
	Expiration  int64               `json:"expiration_date"` // milliseconds
	PublicKeys  []string            `json:"public_keys"`
	Permissions map[string][]string `json:"permissions"`
	QuotaSize   int64               `json:"quota_size"`
	QuotaFiles  int64               `json:"quota_files"`
	MaxSessions int                 `json:"max_sessions"`
	Upload      int64               `json:"upload_bandwidth"`
	Download    int64               `json:"download_bandwidth"`
	Folders     []json.RawMessage   `json:"virtual_folders"`
	Filters     struct {
		AllowedIP       []string `json:"allowed_ip"`
		DeniedIP        []string `json:"denied_ip"`
		DeniedProtocols []string `json:"denied_protocols"`
	} `json:"filters"`
}

// rightsOf has the rights for the permissions of SFTPGo.
var rightsOf = map[string][]string{
	"*": {"list", "read", "write", "overwrite", "delete", "rename", "mkdir"}, "list": {"list"}, "download": {"read"}, "upload": {"write"},
	"overwrite": {"overwrite"}, "delete": {"delete"}, "delete_files": {"delete"}, "delete_dirs": {"delete"}, "rename": {"rename"},
	"rename_files": {"rename"}, "rename_dirs": {"rename"}, "create_dirs": {"mkdir"},
}

// sftpgo reads the JSON of a dump, as dumpdata and the backup of SFTPGo's data provider write
// it.
func (m *migration) sftpgo(text []byte) error {
	var dump struct {
		Users []sftpgoUser `json:"users"`
	}
	if err := json.Unmarshal(text, &dump); err != nil {
		return fmt.Errorf("this is no dump of SFTPGo: %w", err)
	}
	for i := range dump.Users {
		old := &dump.Users[i]
		u := usersfile.User{Name: old.Username, Hash: old.Password, Disabled: old.Status == 0, Rights: m.rights(old)}
		m.add(u, old.HomeDir)
		m.settings(old)
	}
	return nil
}

// rights returns the rights at the root, nil for all.
func (m *migration) rights(old *sftpgoUser) []string {
	for at := range old.Permissions {
		if at != "/" {
			m.note(old.Username, "the permissions of %s are not carried; write a block path in the block user", at)
		}
	}
	have := map[string]bool{}
	for _, permission := range old.Permissions["/"] {
		for _, right := range rightsOf[permission] {
			have[right] = true
		}
	}
	if len(have) == len(rightsOf["*"]) || len(have) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(have))
}

// settings notes what only a block user can have.
func (m *migration) settings(old *sftpgoUser) {
	var lines []string
	if len(old.PublicKeys) > 0 {
		lines = append(lines, "authorized_keys = "+list(old.PublicKeys))
	}
	if len(old.Filters.AllowedIP) > 0 {
		lines = append(lines, "networks = "+list(old.Filters.AllowedIP))
	}
	if old.Expiration > 0 {
		lines = append(lines, fmt.Sprintf("expires = %q", time.UnixMilli(old.Expiration).UTC().Format(time.RFC3339)))
	}
	if len(lines) > 0 {
		m.note(old.Username, "only a block can have: user %q { %s }", old.Username, strings.Join(lines, ", "))
	}
	for what, lost := range map[string]bool{
		"quotas": old.QuotaSize+old.QuotaFiles > 0, "max_sessions": old.MaxSessions > 0, "bandwidth": old.Upload+old.Download > 0,
		"virtual folders": len(old.Folders) > 0, "denied_ip": len(old.Filters.DeniedIP) > 0, "denied_protocols": len(old.Filters.DeniedProtocols) > 0,
	} {
		if lost {
			m.note(old.Username, "not carried: %s", what)
		}
	}
}

// list returns a list of texts in HCL.
func list(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = fmt.Sprintf("%q", strings.TrimSpace(s))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
