package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format returns the text of a source in the layout of HCL: only spaces differ. The error
// for a text with a syntax error has nothing of the text, which can hold secrets.
func Format(s Source) ([]byte, error) {
	if _, diags := hclsyntax.ParseConfig(s.Bytes, s.Name, hcl.InitialPos); diags.HasErrors() {
		return nil, fmt.Errorf("%s has a syntax error; tidegate check says where", s.Name)
	}
	return hclwrite.Format(s.Bytes), nil
}
