package azblob

import (
	"net/url"
	"strings"
	"time"

	"github.com/tidegate/tidegate/backends/azblob/azauth"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// signature is a shared access signature in a configuration.
type signature struct {
	fields url.Values
	// http is true when the endpoint is not encrypted.
	http bool
	at   config.Range
}

// signatureOf returns the signature of the credential, nil when there is none.
func (c *Config) signatureOf() *signature {
	if len(c.Auth) != 1 {
		return nil
	}
	a := &c.Auth[0]
	text, at := "", a.TokenRange
	switch a.Kind {
	case azauth.SAS:
		text = a.SASToken()
	case azauth.ConnectionString:
		text, at = sasIn(a.Value.Reveal()), a.ValueRange
	}
	fields, err := url.ParseQuery(text)
	if err != nil || !fields.Has("sig") {
		return nil
	}
	return &signature{fields, strings.HasPrefix(c.Endpoint, "http://"), at}
}

// check reports why the service will refuse the signature, now or soon.
func (s *signature) check(now time.Time) config.Diagnostics {
	const again = " Make a new one for the container, with the permissions racwdl."
	var diags config.Diagnostics
	if until, ok := sasTime(s.fields, "se"); ok && !now.Before(until) {
		diags = append(diags, config.ProblemInCheck(s.at, "Signature has expired", "The signature (SAS) has expired at "+until.Format(time.RFC3339)+"."+again))
	} else if text := endOfSAS(s.fields.Encode(), now); text != "" {
		diags = append(diags, config.Warning(s.at, "Signature expires soon", text+" Make a new one before."))
	}
	if from, ok := sasTime(s.fields, "st"); ok && now.Before(from) {
		diags = append(diags, config.ProblemInCheck(s.at, "Signature is not valid yet", "The signature (SAS) is not valid before "+from.Format(time.RFC3339)+". Is the clock of this machine right?"))
	}
	if text := s.wrongScope(); text != "" {
		diags = append(diags, config.Problem(s.at, "Signature is for something else", text+again))
	}
	if s.http && s.fields.Get("spr") == "https" {
		diags = append(diags, config.Problem(s.at, "Signature needs HTTPS", "The signature allows HTTPS alone (spr=https). Write https:// in endpoint."))
	}
	if p, ok := s.permissions(); ok && !strings.Contains(p, "l") {
		diags = append(diags, config.Problem(s.at, "Signature cannot list", "Without the permission \"l\" the container cannot be opened."+again))
	}
	return diags
}

// wrongScope says what the signature is for when it is not for the blobs of a container.
func (s *signature) wrongScope() string {
	kind, services, types := s.fields.Get("sr"), s.fields.Get("ss"), s.fields.Get("srt")
	switch {
	case kind != "" && kind != "c" && kind != "d":
		return "The signature is for one blob (sr=" + kind + "), not for a container."
	case services != "" && !strings.Contains(services, "b"):
		return "The signature is not for the service of blobs (ss=" + services + ")."
	case types != "" && !(strings.Contains(types, "c") && strings.Contains(types, "o")):
		return "The signature is not for containers and their blobs (srt=" + types + "; they need srt=co)."
	}
	return ""
}

// permissions returns the permissions. They are unknown with a stored access policy.
func (s *signature) permissions() (text string, known bool) {
	return s.fields.Get("sp"), s.fields.Get("sp") != ""
}

// Lacks implements config.Restricted.
func (c *Config) Lacks() []config.Lack {
	s := c.signatureOf()
	if s == nil {
		return nil
	}
	has, known := s.permissions()
	if !known {
		return nil
	}
	var all []config.Lack
	without := func(permission, breaks string, rights vfs.Permission) {
		all = append(all, config.Lack{Permission: permission, Breaks: breaks, Rights: rights, At: s.at})
	}
	may := func(permission string) bool { return strings.Contains(has, permission) }
	if !may("r") {
		without("r", "downloads, renames and appends fail", vfs.PermRead|vfs.PermRename|vfs.PermOverwrite)
	}
	switch {
	case may("w"):
	case may("c"):
		without("w", "replacing and appending to files, and setting their times, fail", vfs.PermOverwrite|vfs.PermRename)
	default:
		without("w", "all uploads, renames and new directories fail", vfs.PermWrite|vfs.PermRename|vfs.PermMkdir)
	}
	if !may("d") {
		without("d", "deletes and renames fail", vfs.PermDelete|vfs.PermRename)
	}
	if c.KeepTags && !may("t") {
		without("t", "appends, copies and renames fail because of keep_tags", vfs.PermOverwrite|vfs.PermRename)
	}
	return all
}
