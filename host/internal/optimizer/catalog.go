// Package optimizer finds, launches, supervises and calls optimizer plugins.
package optimizer

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
)

// PathEnv names the environment variable with further folders to search, separated as in $PATH.
const PathEnv = "STEEPEST_PLUGIN_PATH"

// Binary is a plugin's program.
type Binary struct {
	Name string
	Path string
}

// SearchPath returns the folders that are searched for plugins, first match first: the given ones, those of
// $STEEPEST_PLUGIN_PATH, plugins/ beside the running program, and the user's data folder.
func SearchPath(given []string) []string {
	path := append(slices.Clone(given), filepath.SplitList(os.Getenv(PathEnv))...)
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		path = append(path, filepath.Join(filepath.Dir(exe), "plugins"))
	}
	if data := DataDir(); data != "" {
		path = append(path, filepath.Join(data, "plugins"))
	}
	return slices.DeleteFunc(path, func(dir string) bool { return dir == "" })
}

// Find returns the plugins in the given folders, sorted by name; of several with the same name the first found.
func Find(path []string) []Binary {
	var found []Binary
	for _, dir := range path {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // a folder that is not there holds no plugins
		}
		for _, entry := range entries {
			name, ok := strings.CutPrefix(strings.TrimSuffix(entry.Name(), ".exe"), proto.BinaryPrefix)
			file := filepath.Join(dir, entry.Name())
			info, err := os.Stat(file)
			if !ok || err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
				continue
			}
			if !slices.ContainsFunc(found, func(b Binary) bool { return b.Name == name }) {
				found = append(found, Binary{name, file})
			}
		}
	}
	slices.SortFunc(found, func(a, b Binary) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// SHA256 returns the checksum of a file.
func SHA256(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return h.Sum(nil), nil
}
