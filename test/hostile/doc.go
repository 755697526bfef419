// Package hostile has tests that measure what one hostile user, or a client without an
// account, costs the node and the other users: how much more memory the process takes
// while the attack holds all that it gets or goes on, and how much of their throughput
// others keep meanwhile, beside the same work at a gateway that is not attacked.
//
// The gateway is the built program over the stub, which answers after 20 ms. The hostile
// user belongs to another tenant than the honest one, and comes from the same address;
// clients without an account come from many addresses.
//
// As root, the test comes before other programs of the machine: what it compares is the two
// gateways, and not what those programs leave to them.
package hostile
