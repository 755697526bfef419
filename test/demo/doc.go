// Command demo shows three nodes behind one load balancer, on one machine:
//
//	devices ──▶ HAProxy ──▶ node 1, 2, 3 ──▶ Azurite
//	            127.0.0.1   127.0.0.11 to .13
//
// Devices upload all the time, through HAProxy as deploy/haproxy configures it. Keys kill
// a node, drain it and start it again. What devices were told to be stored is compared with
// what Azurite has, all the time and in the end. Prometheus collects the metrics of the
// nodes where it is installed.
//
// Everything listens on loopback. When the demo ends, all processes have ended and all
// files are removed; the kernel ends the processes also when the demo is killed.
package main
