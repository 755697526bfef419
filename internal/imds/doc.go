// Package imds asks the Azure Instance Metadata Service how clients reach this
// virtual machine: under which address and port of a load balancer a port of the
// machine is found.
//
// The service answers to the machine itself, at a link-local address. It is asked
// past all proxies, as its documentation demands, and what it says is checked: it
// may know nothing of a load balancer for some minutes after the machine was made.
//
// It knows nothing of FTP and keeps nothing; who needs an answer asks again.
//
// Source: "Retrieve load balancer metadata using Azure Instance Metadata Service"
// and "Azure Instance Metadata Service for virtual machines", Azure documentation.
package imds
