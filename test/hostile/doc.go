// Package hostile has tests that measure what one hostile user costs the node and the
// other users: how much more memory the process takes while the user holds all that it
// gets, and how much of their throughput others keep meanwhile, beside the same work at a
// gateway without a hostile user.
//
// The gateway is the built program over the stub, which answers after 20 ms. The hostile
// user belongs to another tenant than the honest one, and comes from the same address.
package hostile
