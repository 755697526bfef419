package rclone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config/configstruct"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "rclone" "…" {}`.
func Type() config.Type { return blockType{} }

// blockType decodes a block itself instead of leaving it to backends.TypeOf,
// because a wrong option must be reported at its place in the object, and the known options
// depend on the type of the store.
type blockType struct{}

func (blockType) Name() string { return "rclone" }

func (blockType) Decode(body hcl.Body, ec *hcl.EvalContext) (config.Body, hcl.Diagnostics) {
	c := &Config{RenameEntries: defaultRenameEntries}
	diags := gohcl.DecodeBody(body, ec, c)
	if diags.HasErrors() {
		return c, diags
	}
	more := c.readOptions(ec)
	diags = append(diags, more...)
	if !more.HasErrors() {
		diags = append(diags, c.Validate()...)
	}
	return c, diags
}

const defaultRenameEntries = 5000

// Config is the body of a block.
type Config struct {
	// Store is rclone's name of the kind of store: "s3", "sftp", …
	Store string `hcl:"type"`
	// Root is the directory of the store that is the root of this backend: "bucket/prefix" for
	// stores of buckets, a path for others.
	Root string `hcl:"root,optional"`
	// Options are the store's own options as rclone documents them. Passwords
	// are plain text, best from env() or file().
	Options hcl.Expression `hcl:"options,optional"`
	// RenameEntries is how many entries a directory may have that is renamed by copying, in a
	// store that cannot rename directories. Default: 5000.
	RenameEntries int `hcl:"rename_entries,optional"`

	StoreRange   hcl.Range `hcl:"type,attr_value_range"`
	EntriesRange hcl.Range `hcl:"rename_entries,attr_value_range"`

	// Given are the decoded options. The field is exported because fmt would print a Secret
	// in an unexported one: it cannot call the methods of its value.
	Given []Option
}

// Option is one element of the object. Every value may be a secret.
type Option struct {
	Name  string
	Value config.Secret
	At    hcl.Range
}

// readOptions evaluates the object. A literal object has a place for each option; a
// computed one has one place for all.
func (c *Config) readOptions(ec *hcl.EvalContext) hcl.Diagnostics {
	whole := c.Options.Range()
	value, diags := c.Options.Value(ec)
	if diags.HasErrors() || value.IsNull() {
		return diags
	}
	if !value.IsWhollyKnown() || !value.CanIterateElements() || !(value.Type().IsObjectType() || value.Type().IsMapType()) {
		return append(diags, config.Problem(whole, "Options are not an object", `Write options = { name = "value" }, with the names that rclone documents.`))
	}
	places := map[string]hcl.Range{}
	pairs, _ := hcl.ExprMap(c.Options)
	for _, pair := range pairs {
		if key, keyDiags := pair.Key.Value(ec); !keyDiags.HasErrors() && key.Type() == cty.String {
			places[key.AsString()] = pair.Key.Range()
		}
	}
	for key, element := range value.AsValueMap() {
		at, ok := places[key]
		if !ok {
			at = whole
		}
		text, err := convert.Convert(element, cty.String)
		switch {
		case err != nil:
			diags = append(diags, config.Problem(at, "Option is not a text", fmt.Sprintf("Write the value of %q as a text, a number or a boolean. A list is written as a text with commas.", key)))
		case !text.IsNull():
			unmarked, _ := text.Unmark()
			c.Given = append(c.Given, Option{key, config.Secret(unmarked.AsString()), at})
		}
	}
	slices.SortFunc(c.Given, func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
	return diags
}

// Validate checks the options against rclone's description of the store. It does not quote
// values.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.RenameEntries < 0 {
		diags = append(diags, config.Problem(c.EntriesRange, "Number of entries below zero", "Write 0 to refuse renames of directories by copying, or the largest number of entries to copy."))
	}
	store := findStore(c.Store)
	if store == nil {
		unknown := config.OneOf("type", c.Store, c.StoreRange, storeNames()...)
		if !allStores {
			for _, d := range unknown {
				d.Detail += " More stores of rclone are in a program built with: make build TAGS=rclone_all."
			}
		}
		return append(diags, unknown...)
	}
	given := map[string]bool{}
	for _, o := range c.Given {
		given[o.Name] = o.Value.Reveal() != ""
		diags = append(diags, checkOption(store, o)...)
	}
	reported := map[string]bool{}
	for _, known := range store.Options {
		// An option of only some providers cannot be checked here. For rclone a default
		// that is not empty is enough.
		value, _ := defaultOf(store.Options, known.Name)
		if known.Required && known.Provider == "" && value == "" && !given[known.Name] && !reported[known.Name] {
			reported[known.Name] = true
			at := c.Options.Range()
			if at.Empty() {
				at = c.StoreRange
			}
			diags = append(diags, config.Problem(at, "Missing option", fmt.Sprintf("Stores of type %q need the option %q: %s", c.Store, known.Name, firstSentence(known.Help))))
		}
	}
	return diags
}

func checkOption(store *fs.RegInfo, o Option) hcl.Diagnostics {
	known := store.Options.Get(o.Name)
	switch {
	case known == nil:
		var names []string
		for _, option := range store.Options {
			names = append(names, option.Name)
		}
		return hcl.Diagnostics{config.Problem(o.At, "Unknown option", suggestion(o.Name, names)+
			fmt.Sprintf("Stores of type %q have no option %q; rclone's documentation of the command line has a prefix and dashes, here the names have no prefix and underscores.", store.FileName(), o.Name))}
	case store.Name == "local" && o.Name == "links":
		return hcl.Diagnostics{config.Problem(o.At, "Option not allowed", `With "links" a client could make a symbolic link that leads out of the root. Remove it.`)}
	}
	if path := o.Value.Reveal(); strings.HasSuffix(o.Name, "_file") && path != "" && !strings.ContainsAny(path[:1], "~$") {
		return checkOptionFile(o.Name, path, o.At)
	}
	if _, err := configstruct.StringToInterface(known.Default, o.Value.Reveal()); err != nil {
		return hcl.Diagnostics{config.Problem(o.At, "Value does not fit the option", fmt.Sprintf("The option %q takes a value of type %s: %s", o.Name, known.Type(), firstSentence(known.Help)))}
	}
	return nil
}

// checkOptionFile checks that a file can be read, without quoting its path: it could be a
// key that was written in the wrong option.
func checkOptionFile(option, path string, at hcl.Range) hcl.Diagnostics {
	f, err := os.Open(path)
	if err == nil {
		_ = f.Close() // it was not written
		return nil
	}
	if p, ok := errors.AsType[*os.PathError](err); ok {
		err = p.Err
	}
	return hcl.Diagnostics{config.Unreadable(at, fmt.Errorf("the file of the option %q: %w", option, err))}
}

// Open opens the store.
func (c *Config) Open(ctx context.Context, env backends.Env) (vfs.Backend, error) {
	values := make(map[string]config.Secret, len(c.Given))
	for _, o := range c.Given {
		values[o.Name] = o.Value
	}
	b, err := Open(ctx, Options{Store: c.Store, Root: c.Root, Values: values, RenameEntries: c.RenameEntries, Memory: env.Memory, Ledger: env.Ledger, Log: env.Log, Name: env.Name, Metrics: env.Metrics})
	switch {
	case err == nil:
		return b, nil
	case unreachable(err):
		err = &backends.UnreachableError{Err: err}
	}
	return nil, fmt.Errorf("root %q of backend %q: %w", c.Root, env.Name, err)
}

// suggestion names the nearest of the names, if it is near enough.
func suggestion(given string, names []string) string {
	best, distance := "", 4
	for _, name := range names {
		if d := levenshtein.Distance(given, name, nil); d < distance && d < len(given) {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", best)
}

// firstSentence returns the first line of rclone's help, with a full stop.
func firstSentence(help string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(help), "\n")
	return strings.TrimSuffix(line, ".") + "."
}
