// Package chunk is the memory that transfers use: one pool of equal chunks
// under one budget for the whole process.
package chunk

// Pool hands out chunks up to a budget.
type Pool struct {
	budget int64
}

// New returns a pool that holds at most budget bytes.
func New(budget int64) *Pool { return &Pool{budget: budget} }
