// Package charset converts names between UTF-8, in which everything here keeps
// them, and what old clients speak, without ever changing one: what does not
// convert there and back is refused.
package charset
