package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/proto"
)

// Search says where plugins are searched, and which are trusted.
type Search struct {
	Given        []string // folders that come first, and must be there
	Lock         string   // the path of the lock file, which need not be there
	StartTimeout time.Duration
	Dir          string // where relative paths begin; empty for the process's own folder
	Variables    environ.Variables
	Results      []string // folders of experiments whose copies stand for plugins that are not installed any more
}

// Folders are where plugins are searched, first match first.
func (s Search) Folders() ([]Folder, error) {
	for _, dir := range s.Given {
		switch info, err := os.Stat(environ.Path(s.Dir, dir)); {
		case err != nil:
			return nil, fmt.Errorf("--plugin-dir %s: %w; give the folder that has the plugins' programs", dir, cause(err))
		case !info.IsDir():
			return nil, fmt.Errorf("--plugin-dir %s is no folder; give the folder that has the plugins' programs, such as %s", dir,
				filepath.Dir(dir))
		}
	}
	folders := searchPath(s.Given, s.Variables)
	for i := range folders {
		folders[i].Path = environ.Path(s.Dir, folders[i].Path)
	}
	return folders, nil
}

// cause is an error of the system without the path, which the message has already.
func cause(err error) error {
	if named, ok := errors.AsType[*fs.PathError](err); ok {
		return named.Err
	}
	return err
}

// Installed finds the plugins in folders. Only programs that the lock file has are trusted, if there is one.
func (s Search) Installed() ([]Binary, error) {
	folders, err := s.Folders()
	if err != nil {
		return nil, err
	}
	return s.guard(Find(folders))
}

// guard has programs started only if the lock file has them.
func (s Search) guard(binaries []Binary) ([]Binary, error) {
	lock, err := readLock(s.Lock)
	if err != nil {
		return nil, err
	}
	if lock != nil {
		lock.apply(s.Lock, binaries)
	}
	return s.prepared(binaries), nil
}

func (s Search) prepared(binaries []Binary) []Binary {
	for i := range binaries {
		binaries[i].StartTimeout, binaries[i].Variables = s.StartTimeout, s.Variables
	}
	return binaries
}

// Binary finds a plugin by the path of its program or by its name.
func (s Search) Binary(pathOrName string) (Binary, error) {
	base := filepath.Base(pathOrName)
	name, prefixed := strings.CutPrefix(strings.TrimSuffix(base, ".exe"), proto.BinaryPrefix)
	if !prefixed && base == pathOrName {
		return s.named(pathOrName)
	}
	path, err := filepath.Abs(environ.Path(s.Dir, pathOrName))
	if err != nil {
		return Binary{}, err
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return Binary{}, fmt.Errorf("there is no file %s; build the plugin first", pathOrName)
	case !info.Mode().IsRegular():
		return Binary{}, fmt.Errorf("%s is no program; give the path of the plugin's program", pathOrName)
	case !prefixed:
		return Binary{}, fmt.Errorf("a plugin's program is called %sNAME; rename %s", proto.BinaryPrefix, base)
	case !executable(info):
		return Binary{}, fmt.Errorf("%s is not executable; run chmod +x on it", pathOrName)
	}
	guarded, err := s.guard([]Binary{{Name: name, Path: path}})
	if err != nil {
		return Binary{}, err
	}
	return guarded[0], nil
}

// named finds a plugin by its name.
func (s Search) named(name string) (Binary, error) {
	found, err := s.Installed()
	if err != nil {
		return Binary{}, err
	}
	at := slices.IndexFunc(found, func(b Binary) bool { return b.Name == name })
	if at < 0 {
		var names []string
		for _, b := range found {
			names = append(names, b.Name)
		}
		folders, _ := s.Folders()
		for _, c := range Candidates(folders) {
			if c.Name == name && c.Reason != "" {
				return Binary{}, fmt.Errorf("plugin %q cannot be used: %s: %s", name, c.Path, c.Reason)
			}
		}
		return Binary{}, fmt.Errorf("there is no plugin %q; %s", name, proto.NoPlugin(name, names))
	}
	return found[at], nil
}

// Trusted finds the plugins for running them: if there is a lock file, only what it has is trusted. With update, what an
// experiment uses is put into the lock file instead. A plugin that the user attached to stands first and is trusted.
func (s Search) Trusted(update bool) ([]Binary, error) {
	folders, err := s.Folders()
	if err != nil {
		return nil, err
	}
	binaries := Find(folders)
	binaries = s.prepared(append(binaries, missing(binaries, s.Results)...))
	lock, err := readLock(s.Lock)
	if err != nil {
		return nil, err
	}
	switch {
	case update && lock == nil:
		return nil, fmt.Errorf("--update-lock: there is no %s here; write it with `steepest plugins lock`", s.Lock)
	case update:
		lock.accept(s.Lock, binaries)
	case lock != nil:
		lock.apply(s.Lock, binaries)
	}
	attached, err := Attached(s.Variables)
	if err != nil {
		return nil, err
	}
	return append(attached, binaries...), nil
}
