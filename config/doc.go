// Package config reads the configuration, written in HCL, and turns it into
// typed values. Only this package sees the text: the result of Load is checked, complete
// with defaults, and never changes.
//
// There are three steps: Read reads a file or a directory, Load makes a Config of the
// sources, WriteDiagnostics prints the problems. Load reports every problem that it can
// find, each with its place and a remedy. It opens only the files that the function file()
// names.
//
// The package knows no backend and no frontend. A Registry lists them; each
// decodes the bodies of its own blocks into a struct of its own (TypeOf)
// and reports problems with the helpers here: Problem, OneOf,
// ParseSize, ParseDuration.
//
// # Inheritance
//
// Decoders see complete blocks: the type body is an hcl.Body that has the blocks which
// "dynamic" makes, and falls back to the bodies of the defaults. So an argument that is
// added to a struct such as userBlock can be inherited, used in a dynamic block and printed
// by Effective without further code. Expressions are evaluated with the variables of their
// own place, whatever context a decoder gives.
//
// # Secrets
//
// Values from outside come into a configuration only through the functions env and file, so
// no diagnostic can print a variable that holds a secret. Diagnostics show the call in
// place of what these functions returned, and of what other functions made of it. In the
// source lines that WriteDiagnostics prints, the literals of secret attributes are
// redacted. From a source with a syntax error it prints no values at all, because the
// parser cannot know which of them are secret. A typed value that is a secret has the type
// Secret.
package config
