package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Problem returns an error about the text at the given place. The summary is
// short and without values; the detail says what is wrong and what to write
// instead.
//
// The zero range stands for the whole block that is being decoded: a problem that Validate
// returns with it gets the place of the block's header.
func Problem(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail}
	if at != (hcl.Range{}) {
		d.Subject = &at
	}
	return d
}

// Warning returns a warning about the text at the given place, as Problem returns an error.
func Warning(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	d := Problem(at, summary, detail)
	d.Severity = hcl.DiagWarning
	return d
}

// place formats a place as WriteDiagnostics does.
func place(at hcl.Range) string {
	return fmt.Sprintf("%s:%d:%d", at.Filename, at.Start.Line, at.Start.Column)
}

// OneOf reports a value that is none of the known words. name is the name of the argument,
// such as "access".
func OneOf(name, value string, at hcl.Range, known ...string) hcl.Diagnostics {
	if slices.Contains(known, value) {
		return nil
	}
	return hcl.Diagnostics{Problem(at, "Invalid value for "+name,
		fmt.Sprintf("%q is not known here.%s", value, choices(value, known)))}
}

// choices suggests a replacement for word: the nearest known word, or all of them.
func choices(word string, known []string) string {
	text := ""
	if near := Nearest(word, known); near != "" {
		text = fmt.Sprintf(" Did you mean %q?", near)
	}
	quoted := make([]string, len(known))
	for i, k := range known {
		quoted[i] = fmt.Sprintf("%q", k)
	}
	switch len(quoted) {
	case 0:
		return text
	case 1:
		return text + " Write " + quoted[0] + "."
	}
	last := len(quoted) - 1
	return text + " Write one of " + strings.Join(quoted[:last], ", ") + " and " + quoted[last] + "."
}

// Nearest returns the known word that word is probably a misspelling of, or "".
func Nearest(word string, known []string) string {
	if meant := otherName(strings.ToLower(word)); slices.Contains(known, meant) {
		return meant
	}
	best, distance := "", 1+max(2, len(word)/3)
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(k), nil); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// otherName returns the name here of a thing that other programs call word, or "".
func otherName(word string) string {
	switch word {
	case "azure", "azureblob", "azure_blob", "azurerm", "blob", "wasb", "abfs":
		return "azblob"
	case "file", "files", "disk", "dir", "directory", "fs", "posix":
		return "local"
	case "s3", "gcs", "b2", "swift", "sharepoint", "onedrive", "webdav":
		return "rclone"
	case "ftps", "ftpes":
		return "ftp"
	case "ssh", "scp", "sshd":
		return "sftp"
	case "getenv", "environ", "environment":
		return "env"
	case "readfile", "read_file", "fileread":
		return "file"
	case "trim", "strip", "chomp":
		return "trimspace"
	case "validate", "test", "lint":
		return "check"
	case "start", "run", "server":
		return "serve"
	}
	return ""
}

// Quote returns a text as a quoted HCL literal, for configurations that a program makes.
func Quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}
