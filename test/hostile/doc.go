// Package hostile has tests that measure what one hostile user, or a client without an account,
// costs the node and the other users. They measure how much more memory the process uses during
// the attack, and how much throughput other users keep, compared with the same work at a second
// gateway that nobody attacks.
//
// The gateway is the built program over the stub, which answers after 20 ms. The hostile user and
// the honest user belong to different tenants and have the same address. Clients without an account
// come from many addresses.
//
// As root, the test runs with a higher priority than other programs of the machine, so that these
// programs do not affect the comparison of the two gateways.
package hostile
