package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
)

// search is how plugins are found and started by the commands that are about plugins.
type search struct {
	*program
	start time.Duration // that a program may take to start
}

func (s *search) flags(c *cobra.Command) {
	c.PersistentFlags().DurationVar(&s.start, "start-timeout", plugin.DefaultStartTimeout,
		"how long a plugin's program may take to start, and then to describe itself")
}

// searchPath is where plugins are searched. A folder that was given must be there.
func (p *program) searchPath() ([]plugin.Folder, error) {
	for _, dir := range p.pluginDirs {
		switch info, err := os.Stat(p.path(dir)); {
		case err != nil:
			return nil, exit{exitUsage, fmt.Sprintf("--plugin-dir %s: %s; give the folder that has the plugins' programs", dir,
				cause(err))}
		case !info.IsDir():
			return nil, exit{exitUsage, fmt.Sprintf("--plugin-dir %s is no folder; give the folder that has the plugins' programs, "+
				"such as %s", dir, filepath.Dir(dir))}
		}
	}
	folders := plugin.SearchPath(p.pluginDirs, p.variables)
	for i := range folders {
		folders[i].Path = p.path(folders[i].Path)
	}
	return folders, nil
}

// cause is an error of the system without the path, which the message has already.
func cause(err error) error {
	if named, ok := err.(*os.PathError); ok {
		return named.Err
	}
	return err
}

// installed finds the plugins in folders. Only programs that the lock file has are trusted, if there is one.
func (s *search) installed() ([]plugin.Binary, error) {
	path, err := s.searchPath()
	if err != nil {
		return nil, err
	}
	return s.guard(plugin.Find(path))
}

// guard has programs started only if the lock file of the current folder has them.
func (s *search) guard(binaries []plugin.Binary) ([]plugin.Binary, error) {
	lock, err := plugin.ReadLock(s.path(plugin.LockFile))
	if err != nil {
		return nil, exit{exitUsage, err.Error()}
	}
	if lock != nil {
		lock.Apply(s.path(plugin.LockFile), binaries)
	}
	for i := range binaries {
		binaries[i].StartTimeout, binaries[i].Variables = s.start, s.variables
	}
	return binaries, nil
}

// binary finds a plugin by the path of its program or by its name.
func (s *search) binary(pathOrName string) (plugin.Binary, error) {
	base := filepath.Base(pathOrName)
	name, prefixed := strings.CutPrefix(strings.TrimSuffix(base, ".exe"), proto.BinaryPrefix)
	if !prefixed && base == pathOrName {
		return s.named(pathOrName)
	}
	path, err := filepath.Abs(s.path(pathOrName))
	if err != nil {
		return plugin.Binary{}, exit{exitUsage, err.Error()}
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return plugin.Binary{}, exit{exitUsage, fmt.Sprintf("there is no file %s; build the plugin first", pathOrName)}
	case !info.Mode().IsRegular():
		return plugin.Binary{}, exit{exitUsage, fmt.Sprintf("%s is no program; give the path of the plugin's program",
			pathOrName)}
	case !prefixed:
		return plugin.Binary{}, exit{exitUsage, fmt.Sprintf("a plugin's program is called %sNAME; rename %s",
			proto.BinaryPrefix, base)}
	}
	guarded, err := s.guard([]plugin.Binary{{Name: name, Path: path}})
	if err != nil {
		return plugin.Binary{}, err
	}
	return guarded[0], nil
}

// named finds a plugin by its name.
func (s *search) named(name string) (plugin.Binary, error) {
	found, err := s.installed()
	if err != nil {
		return plugin.Binary{}, err
	}
	at := slices.IndexFunc(found, func(b plugin.Binary) bool { return b.Name == name })
	if at < 0 {
		var names []string
		for _, b := range found {
			names = append(names, b.Name)
		}
		return plugin.Binary{}, exit{exitUsage, fmt.Sprintf("there is no plugin %q; %s; `steepest plugins list` shows where "+
			"plugins are searched", name, proto.DidYouMean(name, names))}
	}
	return found[at], nil
}

// advised is the message of an error with what it says is to be done.
func advised(err error) string {
	if remedy := remedy.Of(err); remedy != "" {
		return err.Error() + "\nremedy: " + remedy
	}
	return err.Error()
}
