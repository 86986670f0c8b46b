//go:build race

package stage

var buildFlags = []string{"-race"}
