//go:build !((linux || darwin || freebsd) && (amd64 || arm64))

package blas

import "errors"

type openBLAS struct {
	goKernel
	name string
}

type openImplementation struct {
	implementation
	library *openBLAS
}

func givenByHand() bool { return false }

func loadOpenBLAS() (*openBLAS, error) {
	return nil, errors.New("Steepest does not load libraries on this system")
}
