// Command typecheck finds what would not compile for other systems, tests included. It compiles nothing, so it takes seconds where
// building for each of them takes minutes.
//
//	typecheck FOLDER GOOS/GOARCH...
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	if len(os.Args) < 3 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: typecheck FOLDER GOOS/GOARCH...")
		os.Exit(2)
	}
	for _, platform := range os.Args[2:] {
		if n, err := check(os.Args[1], platform); n > 0 || err != nil {
			_, _ = fmt.Fprintf(os.Stderr, "%s: %d errors (%v)\n", platform, n, err)
			os.Exit(1)
		}
	}
}

// check prints the errors of all packages of the module in a folder, as they are for a platform, and counts them.
func check(folder, platform string) (int, error) {
	system, architecture, _ := strings.Cut(platform, "/")
	all, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax, Tests: true, Dir: folder, // types come from sources, not from what a compiler left
		Env: append(os.Environ(), "GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED=0", "GOEXPERIMENT="),
	}, "./...")
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no packages in %s", folder)
	}
	return packages.PrintErrors(all), err
}
