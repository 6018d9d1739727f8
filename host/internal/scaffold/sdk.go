package scaffold

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/terminal"
)

const module = "github.com/steepest/steepest"

// SDK is where the plugin's module gets the SDK from.
type SDK struct {
	Version string // that go.mod requires
	Dir     string // the checkout that stands in for it; empty for a released version

	requirements []string // of the checkout, "path version" each
	sums         []byte   // its go.sum
}

var (
	released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	pseudo   = regexp.MustCompile(`[-.]\d{14}-[0-9a-f]{12}$`) // Go's name for a commit that is no release
)

// FindSDK chooses the SDK: the checkout in given, if that is not empty; else the version of the running host, if that is
// a release; else the checkout that the host was built from; else the commit that the host was built from, if it was
// installed from there.
func FindSDK(given, version string) (SDK, error) {
	if given != "" {
		dir, err := filepath.Abs(given)
		if err != nil {
			return SDK{}, err
		}
		if root := checkout(dir); root != dir {
			return SDK{}, fmt.Errorf("%s is no checkout of Steepest: it has no go.mod of the module %s", given, module)
		}
		return fromCheckout(dir)
	}
	if released.MatchString(version) && !pseudo.MatchString(version) {
		return SDK{Version: version, requirements: ofThisProgram()}, nil
	}
	var near []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		near = append(near, filepath.Dir(exe))
	}
	if _, source, _, ok := runtime.Caller(0); ok && filepath.IsAbs(source) { // built without -trimpath
		near = append(near, filepath.Dir(source))
	}
	for _, dir := range near {
		if root := checkout(dir); root != "" {
			return fromCheckout(root)
		}
	}
	if pseudo.MatchString(version) {
		return SDK{Version: version, requirements: ofThisProgram()}, nil
	}
	return SDK{}, fmt.Errorf("this steepest is %s, which is no release, and the checkout that it was built from is not found; "+
		"give a checkout with --sdk", version)
}

// checkout is the folder at or above dir that holds Steepest's module; "" if there is none.
func checkout(dir string) string {
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module "+module+"\n") {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// needed are the modules with the packages that a plugin and its tests are made of: what `go mod tidy` leaves in a go.mod.
// Steepest itself requires many more.
//
//go:embed modules.txt
var needed string

// ofThisProgram are the modules that a plugin needs, in the versions that this program was built with.
func ofThisProgram() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil // go completes go.mod
	}
	return lean(info.Deps)
}

// lean keeps of the modules those that a plugin needs.
func lean(modules []*debug.Module) []string {
	var requirements []string
	for _, m := range modules {
		if slices.Contains(strings.Fields(needed), m.Path) {
			requirements = append(requirements, m.Path+" "+m.Version)
		}
	}
	return requirements
}

// requirement is a line of a go.mod that requires a module.
var requirement = regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9.-]+\.[a-z]+/\S+ v\S+)`)

// fromCheckout takes over what the checkout requires, so that the plugin's module builds without asking the network.
func fromCheckout(dir string) (SDK, error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return SDK{}, err
	}
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return SDK{}, err
	}
	s := SDK{Version: "v0.0.0", Dir: dir}
	for _, match := range requirement.FindAllStringSubmatch(string(mod), -1) {
		path, version, _ := strings.Cut(match[1], " ")
		if !slices.Contains(strings.Fields(needed), path) {
			continue
		}
		s.requirements = append(s.requirements, match[1])
		for line := range strings.Lines(string(sums)) {
			if strings.HasPrefix(line, path+" "+version+" ") || strings.HasPrefix(line, path+" "+version+"/go.mod ") {
				s.sums = append(s.sums, line...)
			}
		}
	}
	return s, nil
}

// Steepest is what make has to be told to find this program; nothing if a shell finds it.
func Steepest() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if found, err := exec.LookPath("steepest"); err == nil {
		a, err1 := os.Stat(found)
		b, err2 := os.Stat(exe)
		if err1 == nil && err2 == nil && os.SameFile(a, b) {
			return ""
		}
	}
	return " STEEPEST=" + terminal.QuoteWord(filepath.ToSlash(exe))
}
