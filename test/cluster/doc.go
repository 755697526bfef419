// Package cluster runs several nodes of the built program behind HAProxy and nginx, as
// deploy/haproxy and deploy/nginx configure them, and ends, starts and reloads nodes under
// the load of real FTP clients. Each of clients, balancer, nodes and store is in a network
// namespace of its own, so that addresses and ports are those of a real site:
//
//	clients        balancer                    node 0       node 1  ...  store
//	10.211.1.2 ─── 10.211.1.1  10.211.2.1 ─┬── 10.211.2.10  10.211.2.11  10.211.2.100
//	               :21 :22                 │   :21 :22      :21 :22      Azurite :10000
//	               :30001 :30002 ...       │   :30000       :30000
//	                                       └── one bridge
//
// All of it is made by the test, is not visible outside, and ends with the
// test's process, however that ends: the namespaces have no names, and the
// kernel ends the programs in them when the test is gone.
//
// SFTP takes the same way through the balancer.
//
// The replies that clients got are kept in a ledger and compared with what the store
// holds, while it runs and at the end.
package cluster
