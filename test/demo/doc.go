// Command demo shows three nodes behind one load balancer, on one machine:
//
//	devices ──▶ HAProxy ──▶ node 1, 2, 3 ──▶ Azurite
//	            127.0.0.1   127.0.0.11 to .13
//
// Devices upload all the time, through HAProxy with the configuration of deploy/haproxy. Keys kill
// a node, drain it and start it again. The demo compares the confirmed uploads with what Azurite
// has, all the time and at the end. If Prometheus is installed, it collects the metrics of the
// nodes.
//
// Everything listens on loopback. When the demo ends, it ends all processes and removes all files.
// On Linux the kernel ends the processes too, if the demo is killed.
package main
