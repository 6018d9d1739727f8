// Command document writes the table of all metrics into the manual, between its markers. `make generate` runs it.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/metrics"
)

const begin, end = "<!-- the table is made by `make generate` -->\n", "<!-- end of the table -->"

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s: the markers of the table are missing; put %q and %q where it belongs", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+metrics.Document(exporter.Quantities())+end+after), 0o644)
}
