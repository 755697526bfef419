package config

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// evalContext returns what expressions can use: functions, and later the
// variable "node". dir is the directory of the relative paths of file(). s remembers the
// values from outside. env returns the variables of the environment.
func evalContext(dir string, s *secrets, env func(name string) (string, error)) *hcl.EvalContext {
	return &hcl.EvalContext{
		Variables: map[string]cty.Value{},
		Functions: map[string]function.Function{
			"env":          textFunc("name", s.from("env", env)),
			"file":         textFunc("path", s.from("file", func(path string) (string, error) { return file(dir, path) })),
			"base64decode": textFunc("text", s.from("base64decode", decodeBase64)),
			"hostname":     hostnameFunc(),
			"ordinal":      ordinalFunc(),

			"trimspace":  s.derived("trimspace", stdlib.TrimSpaceFunc),
			"trimprefix": s.derived("trimprefix", stdlib.TrimPrefixFunc),
			"trimsuffix": s.derived("trimsuffix", stdlib.TrimSuffixFunc),
			"lower":      s.derived("lower", stdlib.LowerFunc),
			"upper":      s.derived("upper", stdlib.UpperFunc),
			"replace":    s.derived("replace", stdlib.ReplaceFunc),
			"substr":     s.derived("substr", stdlib.SubstrFunc),
			"split":      s.derived("split", stdlib.SplitFunc),
			"join":       s.derived("join", stdlib.JoinFunc),
			"format":     s.derived("format", stdlib.FormatFunc),
			"concat":     stdlib.ConcatFunc,
			"contains":   stdlib.ContainsFunc,
			"flatten":    stdlib.FlattenFunc,
			"keys":       stdlib.KeysFunc,
			"length":     stdlib.LengthFunc,
			"lookup":     stdlib.LookupFunc,
			"merge":      stdlib.MergeFunc,
			"range":      stdlib.RangeFunc,
			"values":     stdlib.ValuesFunc,
			"min":        stdlib.MinFunc,
			"max":        stdlib.MaxFunc,
			"floor":      stdlib.FloorFunc,
		},
	}
}

// textFunc returns a function of HCL with one text as its argument and a text as its
// result.
func textFunc(param string, f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: param, Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := f(args[0].AsString())
			if err != nil {
				return cty.UnknownVal(cty.String), function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

// file returns the content of the file unchanged. The function trimspace removes the line
// end.
func file(dir, path string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	b, err := readRegular(path, maxFileBytes)
	if err != nil {
		return "", err
	}
	return inText(string(b))
}

func decodeBase64(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", errors.New("this is not base64") // the error of the package would show characters of the text
	}
	return inText(string(b))
}

// inText refuses a text that HCL's strings would change.
func inText(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New("this is not UTF-8 text")
	}
	return s, nil
}

func hostnameFunc() function.Function {
	return function.New(&function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			name, err := os.Hostname()
			if err != nil {
				return cty.UnknownVal(cty.String), err
			}
			return cty.StringVal(name), nil
		},
	})
}

func ordinalFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "name", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			n, err := ordinal(args[0].AsString())
			if err != nil {
				return cty.UnknownVal(cty.Number), function.NewArgError(0, err)
			}
			return cty.NumberIntVal(n), nil
		},
	})
}

var (
	decimalSuffix = regexp.MustCompile(`[0-9]{1,9}$`)
	// Azure names the instances of a scale set by six digits to the base 36: "000010" is
	// the 37th. A name that could be one of them is refused, because a wrong number would
	// send clients to another node.
	scaleSetSuffix = regexp.MustCompile(`0[0-9A-Za-z]{5}$`)
)

// ordinal returns the decimal number that a name ends in: 2 for "ftp-2".
func ordinal(name string) (int64, error) {
	if scaleSetSuffix.MatchString(name) {
		return 0, errors.New("the name ends as those of scale set instances do, in six digits to the base 36, " +
			`which do not count the instances that exist. Take the number from env("NODE_INDEX")`)
	}
	digits := decimalSuffix.FindString(name)
	if digits == "" {
		return 0, errors.New(`the name does not end in a decimal number as "ftp-2" does. ` +
			`Take the number from env("NODE_INDEX")`)
	}
	return strconv.ParseInt(digits, 10, 64)
}
