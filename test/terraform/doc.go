// Package terraform tests deploy/azure: Terraform and OpenTofu format, validate and test it
// against the schema of the real provider, `tidegate check` reads the configuration that a node
// would get, and the program that sets up a node runs against services that answer as Azure's
// do.
//
// The provider itself is too large to build for a test: 2,300 packages. Package main in
// provider knows the schema of the resources that the module uses, and makes nothing. What it
// cannot know is which values the real one refuses.
//
// The run script builds OpenTofu once. Terraform is tested besides where it is installed.
package terraform
