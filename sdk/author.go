package sdk

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// authorsLine is the place in the author's code at which the panic happened that a deferred caller recovers from: the
// innermost line that is neither the runtime's, nor the standard library's, nor the SDK's. It is "" if there is none.
func authorsLine() string {
	var own string
	if info, ok := debug.ReadBuildInfo(); ok {
		own = info.Main.Path
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicked := false
	for {
		f, more := frames.Next()
		if panicked && isAuthors(f.Function, f.File, own) {
			return fmt.Sprintf("%s:%d", short(f.File), f.Line)
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

// isAuthors tells whether a function is of the module with the path own, or of a library that is not the standard one.
func isAuthors(function, file, own string) bool {
	if strings.HasPrefix(function, "github.com/steepest/steepest/sdk.") && !strings.HasSuffix(file, "_test.go") {
		return false
	}
	first, _, _ := strings.Cut(function, "/")
	inLibrary := first != function && strings.Contains(first, ".")
	return strings.HasPrefix(function, "main.") || inLibrary ||
		own != "" && (strings.HasPrefix(function, own+".") || strings.HasPrefix(function, own+"/"))
}

// short is a file's path as seen from the working folder, if it is below.
func short(file string) string {
	if dir, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(relative) {
			return relative
		}
	}
	return file
}
