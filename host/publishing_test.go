//go:build unix

package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	modpath "golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/steepest/steepest/host/internal/plugin"
)

// published is a file of a module that is packed.
type published struct{ dir, path string }

func (f published) Path() string                 { return f.path }
func (f published) Lstat() (os.FileInfo, error)  { return os.Lstat(filepath.Join(f.dir, f.path)) }
func (f published) Open() (io.ReadCloser, error) { return os.Open(filepath.Join(f.dir, f.path)) }

// publish puts the module in a folder into a folder that Go takes for a proxy, as a version control system would have it:
// without what was built.
func publish(t *testing.T, proxy, dir string, m modpath.Version) {
	t.Helper()
	checked, _ := modzip.CheckDir(dir) // which may be too large, with what was built
	var files []modzip.File
	for _, path := range checked.Valid {
		path, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.ToSlash(path)
		if first, _, _ := strings.Cut(path, "/"); first != "bin" && first != "runs" && !strings.Contains(path, "node_modules/") {
			files = append(files, published{dir, path})
		}
	}
	if whole, err := modzip.CheckFiles(files); err != nil || whole.Err() != nil {
		t.Fatalf("%s cannot be published as a module: %v, %v", dir, err, whole.Err())
	}
	folder := filepath.Join(proxy, m.Path, "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	zip, err := os.Create(filepath.Join(folder, m.Version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := modzip.Create(zip, m, files); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]string{"Version": m.Version, "Time": "2026-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"list": []byte(m.Version + "\n"), m.Version + ".mod": mod, m.Version + ".info": info} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPublishing does what docs/publishing.md says, offline, with releases in a proxy folder: no plugin that is installed
// from there has seen a checkout.
func TestPublishing(t *testing.T) {
	known(t)
	t.Parallel()
	cache, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules, builds, _ := strings.Cut(strings.TrimSpace(string(cache)), "\n")
	root := t.TempDir()
	proxy := filepath.Join(root, "proxy")
	publish(t, proxy, "..", modpath.Version{Path: "github.com/steepest/steepest", Version: "v0.1.0"})
	variables := []string{
		"HOME=" + filepath.Join(root, "home"), "XDG_DATA_HOME=", plugin.PathEnv + "=", "GOCACHE=" + builds, "GOBIN=",
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(modules, "cache", "download"), "GOSUMDB=off",
		"GOMODCACHE=" + filepath.Join(root, "modules"), // for these versions are not those that will be released
		"GOFLAGS=-modcacherw -trimpath", "GOWORK=off", "GOTOOLCHAIN=local",
	}
	follow(t, "../docs/publishing.md", root, variables, func(command, dir string) {
		if strings.Contains(command, "go install") {
			publish(t, proxy, dir, modpath.Version{Path: "example.org/me/steepest-optimizer-adamw", Version: "v0.1.0"})
		}
	})
	// A released steepest requires itself, whole and without a checkout.
	variables = append(os.Environ(), append(variables, "GOBIN="+filepath.Join(root, "bin"))...)
	for _, command := range []string{
		"go install github.com/steepest/steepest/host@v0.1.0", "bin/host plugins new my-rule", "make -C my-rule test",
	} {
		shell := exec.Command("sh", "-c", command)
		shell.Dir, shell.Env = root, variables
		if out, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "my-rule", "go.mod"))
	if err != nil || strings.Contains(string(mod), "replace") || strings.Count(string(mod), " v") != 16 ||
		!strings.Contains(string(mod), "require github.com/steepest/steepest v0.1.0\n") {
		t.Errorf("%s: %v", mod, err)
	}
}
