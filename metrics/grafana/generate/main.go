// Command generate writes the dashboards as the JSON that Grafana provisions: generate FOLDER.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	for name, content := range files() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), content, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// files are the dashboards' JSON by file name.
func files() map[string][]byte {
	all := map[string][]byte{}
	for name, d := range map[string]dashboard{
		"experiment":           experiment(),
		"compare-by-step":      compareByStep(),
		"run":                  run(),
		"plugins-and-boundary": pluginsAndBoundary(),
	} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(d); err != nil {
			panic(err) // there is nothing in a dashboard that has no JSON
		}
		all[name+".json"] = b.Bytes()
	}
	return all
}
