package config

import "github.com/zclconf/go-cty/cty"

// EffectiveUnmasked is Effective with all secrets, so that its result can be loaded.
func EffectiveUnmasked(sources []Source, registry Registry, o Options) []byte {
	return effective(sources, registry, o, func(secret cty.Value) cty.Value { return secret })
}
