// Package terraform tests deploy/azure: Terraform and OpenTofu format, validate and test it
// against the schema of the real provider, `tidegate check` reads the configuration that a node
// would get, and the program that sets up a node runs against services that answer as Azure's
// do.
//
// The real provider is too large to build for a test: 2,300 packages. The program in the directory
// provider has the schema of the resources that the module uses, and creates nothing. It does not
// know which values the real provider refuses.
//
// The script run builds OpenTofu once. The tests use Terraform too, if it is installed.
package terraform
