// Package cluster runs several nodes of the built program behind HAProxy and nginx, as
// deploy/haproxy and deploy/nginx configure them, and ends, starts and reloads nodes under
// the load of real FTP clients. The clients, the balancer, each node and the store have network
// namespaces of their own, so that addresses and ports are those of a real site:
//
//	clients        balancer                    node 0       node 1  ...  store
//	10.211.1.2 ─── 10.211.1.1  10.211.2.1 ─┬── 10.211.2.10  10.211.2.11  10.211.2.100
//	               :21 :22                 │   :21 :22      :21 :22      Azurite :10000
//	               :30001 :30002 ...       │   :30000       :30000
//	                                       └── one bridge
//
// The test creates all of it. The namespaces have no names and are not visible outside of the test.
// When the process of the test ends for any reason, the kernel ends the programs in them.
//
// SFTP connections go through the same balancer.
//
// A ledger records the replies that clients got. The test compares it with what the store holds,
// during the load and at the end.
package cluster
