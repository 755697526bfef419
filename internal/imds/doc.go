// Package imds asks the Azure Instance Metadata Service how clients reach this
// virtual machine: under which address and port of a load balancer a port of the
// machine is found. It also asks which events Azure has scheduled for machines, and lets
// Azure begin with them.
//
// The service answers only to the machine itself, at a link-local address. Requests bypass
// all proxies, as its documentation demands. Answers are checked: for some minutes after
// the machine was made, the service may not know the load balancer.
//
// The package is independent of FTP and caches nothing; a caller that needs a later answer
// asks again.
//
// Source: "Retrieve load balancer metadata using Azure Instance Metadata Service",
// "Azure Instance Metadata Service for virtual machines" and "Azure Metadata Service:
// Scheduled Events for Linux VMs", Azure documentation.
package imds
