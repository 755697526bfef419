// Package reference makes the tables of the configuration's reference page from
// the structs that decode HCL: their tags say what can be written, their
// comments what it means.
//
// Two comments in a page mark where a table stands, and name the struct that it is made of:
//
//	<!-- table: backends/azblob Config -->
//	<!-- end -->
//
// What is between the two lines is replaced; everything else is written by hand.
// The page is checked by a test, so that it cannot fall behind the code.
package reference
