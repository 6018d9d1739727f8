package plugin

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

// PathEnv names the environment variable with further folders to search, separated as in $PATH.
const PathEnv = "STEEPEST_PLUGIN_PATH"

// Binary is a plugin's program.
type Binary struct {
	Name string
	Path string
	// Trust judges the SHA-256 of the program before it is started; nil trusts any.
	Trust func(sum []byte) error
	// StartTimeout is how long it may take to start; 0 is DefaultStartTimeout.
	StartTimeout time.Duration
	// Variables are the host's environment, of which it sees some.
	Variables environ.Variables

	attach *proto.Reattach // how to reach it if it runs already
}

func (b Binary) startTimeout() time.Duration {
	if b.StartTimeout > 0 {
		return b.StartTimeout
	}
	return DefaultStartTimeout
}

// inherited are the environment variables that a plugin sees of the host's: what a program needs to run at all, and
// how the Go runtime is to behave.
var inherited = []string{"PATH", "HOME", "USER", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG", "LC_ALL", "TZ",
	"LD_LIBRARY_PATH", "PYTHONPATH", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK"}

// Environment is what the program sees of the host's environment.
func (b Binary) Environment() []string {
	var env []string
	for _, name := range inherited {
		if value, ok := b.Variables.Lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// ExposedRemedy is what to do if a program is exposed.
const ExposedRemedy = "take that right away with chmod or chown, or trust this very program alone with " +
	"`steepest plugins lock`"

// Exposed warns if others than this user may change the program or put another in its place; it is "" if they may not.
func (b Binary) Exposed() string {
	if b.attach != nil {
		return ""
	}
	for _, path := range []string{filepath.Dir(b.Path), b.Path} {
		if info, err := os.Stat(path); err == nil {
			if who := exposed(info); who != "" {
				return fmt.Sprintf("plugin %q: %s %s, and so any program can be run in its name", b.Name, path, who)
			}
		}
	}
	return ""
}

// Folder is a place where plugins are searched.
type Folder struct {
	Path string
	Why  string // who named it
}

// searchPath returns the folders that are searched for plugins, first match first: the given ones, those of
// $STEEPEST_PLUGIN_PATH, plugins/ beside the running program, and the user's data folder.
func searchPath(given []string, v environ.Variables) []Folder {
	var path []Folder
	add := func(dir, why string) {
		if dir != "" {
			path = append(path, Folder{dir, why})
		}
	}
	for _, dir := range given {
		add(dir, "--plugin-dir")
	}
	for _, dir := range filepath.SplitList(v.Get(PathEnv)) {
		add(dir, "$"+PathEnv)
	}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		add(filepath.Join(filepath.Dir(exe), "plugins"), "beside the steepest command")
	}
	if data, err := v.Data(); err == nil {
		add(filepath.Join(data, "plugins"), "the user's data folder")
	}
	return path
}

// Candidate is a file that is named like a plugin.
type Candidate struct {
	Binary
	Folder Folder
	Reason string // why it is not used; empty if it is
}

// Candidates lists all files in the folders that are named like plugins, in the order of the search.
func Candidates(path []Folder) []Candidate {
	var found []Candidate
	for _, folder := range path {
		entries, err := os.ReadDir(folder.Path)
		if err != nil {
			continue // a folder that is not there holds no plugins
		}
		for _, entry := range entries {
			name, ok := strings.CutPrefix(strings.TrimSuffix(entry.Name(), ".exe"), proto.BinaryPrefix)
			if !ok {
				continue
			}
			c := Candidate{Binary: Binary{Name: name, Path: filepath.Join(folder.Path, entry.Name())}, Folder: folder}
			if whole, err := filepath.Abs(c.Path); err == nil {
				c.Path = whole // a bare file name would be searched in $PATH
			}
			info, err := os.Stat(c.Path)
			switch {
			case terminal.Escape(name) != name:
				c.Reason = "its name has characters that cannot be shown"
			case err != nil:
				c.Reason = err.Error()
			case !info.Mode().IsRegular():
				c.Reason = "it is no regular file"
			case !executable(info):
				c.Reason = "it is not executable; run chmod +x on it"
			default:
				for _, other := range found {
					if other.Name == name && other.Reason == "" {
						c.Reason = "hidden by " + other.Path
					}
				}
			}
			found = append(found, c)
		}
	}
	return found
}

// executable tells whether a file may be run, as far as its mode says.
func executable(info fs.FileInfo) bool { return runtime.GOOS == "windows" || info.Mode()&0o111 != 0 }

// Find returns the plugins in the given folders, sorted by name; of several with the same name the first found.
func Find(path []Folder) []Binary {
	var found []Binary
	for _, c := range Candidates(path) {
		if c.Reason == "" {
			found = append(found, c.Binary)
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
	return checksum(f, path)
}

func checksum(r io.Reader, path string) ([]byte, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return h.Sum(nil), nil
}
