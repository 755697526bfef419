// Package turns shares out processors and memory among client addresses, for what
// somebody can ask for without a login: checking passwords, agreeing on keys.
package turns
