// Package kube tests the Helm chart of deploy/kubernetes: Helm's own library renders it for
// several sets of values, and Kubernetes' own code validates what it renders, as an API server
// does before it admits an object, with the Pod Security Standard "restricted".
//
// It is a module of its own, because Kubernetes is a large dependency. Its parts are published
// under versions that the main one does not name, hence the list of replacements in go.mod.
package kube
