package cluster

import "fmt"

// The addresses of doc.go.
const (
	clientAddr   = "10.211.1.2"
	publicAddr   = "10.211.1.1" // the balancer, for clients
	balancerAddr = "10.211.2.1" // the balancer, for nodes
	storeAddr    = "10.211.2.100:10000"
	lakeAddr     = "10.211.2.100:10001"
	lakeDFSAddr  = "10.211.2.100:10002"
	controlAddr  = publicAddr + ":21"
	// firstDataPort is that of node 0, at the balancer.
	firstDataPort = 30001
)

func nodeAddr(index int) string { return fmt.Sprintf("10.211.2.%d", 10+index) }
