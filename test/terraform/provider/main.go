// Command provider is a provider of Terraform that has the schema of azurerm, as far as
// deploy/azure uses it, and makes nothing. Terraform and OpenTofu check a module with it, and
// run its tests with mocked resources.
//
// schema.json is the output of `terraform providers schema -json` of azurerm 5.2.0, cut to these
// resources as schema/update does. Four were added from the schemas in its source instead of
// by building it: monitor_action_group, monitor_metric_alert, network_security_rule and
// storage_blob.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

//go:embed schema.json
var raw []byte

// address is the name of the provider. Terraform does not compare it.
const address = "registry.terraform.io/hashicorp/azurerm"

func main() {
	schema, err := read(raw)
	if err == nil {
		err = tf6server.Serve(address, func() tfprotov6.ProviderServer { return &server{schema: schema} })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

// server is a provider without functions: whatever makes, changes or reads something is the
// nil interface, since tests mock all resources.
type server struct {
	tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	answer := &tfprotov6.GetMetadataResponse{ServerCapabilities: s.schema.ServerCapabilities}
	for name := range s.schema.ResourceSchemas {
		answer.Resources = append(answer.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	return answer, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.schema, nil
}

func (*server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (*server) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (*server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (*server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (*server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// UpgradeResourceState is called by OpenTofu also for mocked resources.
func (s *server) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind := s.schema.ResourceSchemas[r.TypeName].ValueType()
	value, err := r.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, nil
}

// ReadResource finds everything as it was made.
func (*server) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: r.CurrentState, Private: r.Private}, nil
}

// read returns the schema that JSON has for one provider.
func read(text []byte) (*tfprotov6.GetProviderSchemaResponse, error) {
	var all tfjson.ProviderSchemas
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	answer := &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
		ResourceSchemas:    map[string]*tfprotov6.Schema{},
		DataSourceSchemas:  map[string]*tfprotov6.Schema{},
	}
	for _, p := range all.Schemas {
		var err error
		if answer.Provider, err = schemaOf(p.ConfigSchema); err != nil {
			return nil, err
		}
		for name, r := range p.ResourceSchemas {
			if answer.ResourceSchemas[name], err = schemaOf(r); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return answer, nil
}

func schemaOf(s *tfjson.Schema) (*tfprotov6.Schema, error) {
	block, err := blockOf(s.Block)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.Schema{Version: int64(s.Version), Block: block}, nil
}

// nestings are the kinds of blocks in blocks.
var nestings = map[tfjson.SchemaNestingMode]tfprotov6.SchemaNestedBlockNestingMode{
	tfjson.SchemaNestingModeSingle: tfprotov6.SchemaNestedBlockNestingModeSingle,
	tfjson.SchemaNestingModeGroup:  tfprotov6.SchemaNestedBlockNestingModeGroup,
	tfjson.SchemaNestingModeList:   tfprotov6.SchemaNestedBlockNestingModeList,
	tfjson.SchemaNestingModeSet:    tfprotov6.SchemaNestedBlockNestingModeSet,
	tfjson.SchemaNestingModeMap:    tfprotov6.SchemaNestedBlockNestingModeMap,
}

func blockOf(b *tfjson.SchemaBlock) (*tfprotov6.SchemaBlock, error) {
	block := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		kind, err := typeOf(a.AttributeType)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		block.Attributes = append(block.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: kind, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		})
	}
	for name, n := range b.NestedBlocks {
		inner, err := blockOf(n.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Nesting: nestings[n.NestingMode], Block: inner, MinItems: int64(n.MinItems), MaxItems: int64(n.MaxItems),
		})
	}
	return block, nil
}

// typeOf converts a type by its JSON, which is the same in both libraries.
func typeOf(t cty.Type) (tftypes.Type, error) {
	text, err := t.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return tftypes.ParseJSONType(text) //nolint:staticcheck // deprecated for providers that are written with it
}
