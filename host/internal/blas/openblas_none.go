//go:build !((linux || darwin || (freebsd && cgo)) && (amd64 || arm64)) || static

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
	return nil, errors.New("this build of Steepest does not load libraries")
}
