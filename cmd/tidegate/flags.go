package main

import (
	"flag"
	"fmt"
	"log/slog"
	"strings"

	"github.com/tidegate/tidegate/config"
)

// The flags that several commands have.

// envFileFlag adds the flag -env-file, which may be given several times.
func envFileFlag(flags *flag.FlagSet, files *[]string) {
	flags.Func("env-file", "read variables for env() from a `file` of lines NAME=VALUE, as systemd's EnvironmentFile= does; can be given several times",
		func(file string) error {
			*files = append(*files, file)
			return nil
		})
}

// configFlag adds the flag -config, another way to write the argument PATH.
func configFlag(flags *flag.FlagSet) *string {
	return flags.String("config", "", "the `PATH` of the configuration, instead of the argument")
}

// parseConfig parses the flags, and returns the path of the configuration: that of -config, or
// the one argument.
func (p *program) parseConfig(set *flag.FlagSet, path *string, args []string) (string, error) {
	rest, err := p.parse(set, args, 0, 1)
	switch {
	case err != nil:
		return "", err
	case *path != "" && len(rest) > 0:
		return "", usageError{fmt.Sprintf("%s: the configuration is given by -config %s, and as the argument %q", set.Name(), *path, rest[0]), set.Name()}
	case *path != "":
		return *path, nil
	case len(rest) == 0:
		return "", usageError{set.Name() + ": an argument is missing: the path of the configuration", set.Name()}
	}
	return rest[0], nil
}

// logFlags are -log-level and -log-format. They are stronger than the block log, also after a
// reload.
type logFlags struct {
	level  *slog.Level
	format config.LogFormat
}

func (l *logFlags) add(flags *flag.FlagSet) {
	flags.Func("log-level", "write lines of this `level` and above: debug, info, warn or error; stronger than log { level }", func(text string) error {
		var level slog.Level
		known := []string{"debug", "info", "warn", "error"}
		if near := didYouMean(text, known); level.UnmarshalText([]byte(text)) != nil || !strings.EqualFold(level.String(), text) {
			return fmt.Errorf("there is no level %q%s", text, near)
		}
		l.level = &level
		return nil
	})
	flags.Func("log-format", "write the log as `text`, json, or auto: text on a terminal, and JSON elsewhere; stronger than log { format }", func(text string) error {
		switch l.format = config.LogFormat(text); l.format {
		case config.LogAuto, config.LogJSON, config.LogText:
			return nil
		}
		return fmt.Errorf("there is no format %q%s", text, didYouMean(text, []string{"auto", "json", "text"}))
	})
}

// apply changes what the configuration says.
func (l logFlags) apply(c *config.Log) {
	if l.level != nil {
		c.Level = *l.level
	}
	if l.format != "" {
		c.Format = l.format
	}
}
