//go:build !unix

package sdk

import "os"

// Elsewhere file descriptors cannot be redirected under a running program; go-plugin redirects os.Stdout itself.
func guardStdout() error { return nil }

// Elsewhere descriptors are not inherited unless asked for.
func closeOnExec(*os.File) {}
