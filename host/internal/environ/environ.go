// Package environ is the environment that a command line meets. It is handed to whoever looks at it, so that several programs
// can live in one process, each in an environment of its own.
package environ

import (
	"errors"
	"os"
	"path/filepath"
)

// Variables looks an environment variable up. Nil are those of this process.
type Variables func(name string) (value string, set bool)

// Lookup returns the value of a variable, and whether it is set.
func (v Variables) Lookup(name string) (value string, set bool) {
	if v == nil {
		return os.LookupEnv(name)
	}
	return v(name)
}

// Get returns the value of a variable, empty if it is not set.
func (v Variables) Get(name string) string {
	value, _ := v.Lookup(name)
	return value
}

// With has some variables changed.
func (v Variables) With(changed map[string]string) Variables {
	return func(name string) (string, bool) {
		if value, ok := changed[name]; ok {
			return value, true
		}
		return v.Lookup(name)
	}
}

// Data is the user's folder for what Steepest keeps: plugins, certificates and data sets. It is $XDG_DATA_HOME/steepest, by
// default under ~/.local/share.
func (v Variables) Data() (string, error) {
	data := v.Get("XDG_DATA_HOME")
	if !filepath.IsAbs(data) { // relative ones are invalid, says its specification
		home, err := v.home()
		if err != nil {
			return "", err
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "steepest"), nil
}

func (v Variables) home() (string, error) {
	if v == nil {
		return os.UserHomeDir()
	}
	if home := v.Get("HOME"); home != "" {
		return home, nil
	}
	return "", errors.New("$HOME is not defined")
}

// Temporary is the folder for temporary files.
func (v Variables) Temporary() string {
	if dir := v.Get("TMPDIR"); v != nil && dir != "" {
		return dir
	}
	return os.TempDir()
}

// Path is where a file is that a user named, if that is not "-". Relative paths begin in a folder; if that is empty, the process's
// own, they stay as the user wrote them.
func Path(dir, name string) string {
	if dir == "" || name == "" || name == "-" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
