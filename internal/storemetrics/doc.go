// Package storemetrics counts the requests of each store, with the same metrics for every
// kind of store.
//
//	m := storemetrics.New(registry, "azblob.ingest")
//	m.Ended("put_block", "201", took)
//
// It knows no store: each names its requests and their results.
package storemetrics
