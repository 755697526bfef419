// Package config reads the configuration, written in HCL, and turns it into
// typed values. It is the only place that sees text: what Load returns is
// checked, complete with defaults, and never changes.
//
// The way of a configuration has three steps: Read takes a file or a
// directory, Load makes a Config of the sources, WriteDiagnostics shows what
// was wrong. Load reports every problem that it can find, each with its place
// and with what to write instead. It opens nothing but the files that the
// function file() names.
//
// The package knows no backend and no frontend. A Registry lists them; each
// decodes the bodies of its own blocks into a struct of its own (TypeOf)
// and reports problems with the helpers here: Problem, OneOf,
// ParseSize, ParseDuration.
//
// # Secrets
//
// Values come into a configuration by functions only, env and file, so that no
// diagnostic can print a variable that holds one. What these functions returned,
// and what other functions made of it, is replaced by the call in every text that
// a diagnostic carries, and the source lines that WriteDiagnostics shows have the
// literals of secret attributes redacted. Of a source whose syntax is wrong it shows
// no values at all: nobody knows which is what. A typed value that is a secret has
// the type Secret.
package config
