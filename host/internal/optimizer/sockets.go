package optimizer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// SocketDir is a folder that only this user can enter, for the socket of one plugin.
type SocketDir struct {
	Path string
	lock *os.File // held while its owner lives; nil where there is no such lock
}

// socketPrefix begins the names of these folders.
const socketPrefix = "steepest-plugin-"

// longestBase is the longest path of the folder around them, in bytes: the system limits the path of a socket to about 100.
const longestBase = 60

// bases are the folders in which these folders can be: the one for temporary files if it will do.
func bases() []string {
	all := []string{os.TempDir()}
	if fallback := defaultTemp; fallback != "" && !slices.Contains(all, fallback) {
		all = append(all, fallback)
	}
	return all
}

// NewSocketDir makes a folder, and removes those of hosts that are gone.
func NewSocketDir() (*SocketDir, error) {
	var first error
	for _, base := range bases() {
		err := fmt.Errorf("the path is longer than %d bytes, too long for a socket in it", longestBase)
		if len(base) <= longestBase {
			var d *SocketDir
			if d, err = makeSocketDir(base); err == nil {
				sweep(base)
				return d, nil
			}
		}
		if scarce(err) {
			return nil, fmt.Errorf("cannot make a folder for the plugin's socket: %w", advised(err))
		}
		if first == nil {
			first = err
		}
	}
	return nil, &advice{fmt.Errorf("cannot make a folder for the plugin's socket in %s: %w", os.TempDir(), first),
		"set TMPDIR to a folder that you can write to, with a short path"}
}

func makeSocketDir(base string) (*SocketDir, error) {
	for {
		path, err := os.MkdirTemp(base, socketPrefix)
		if err != nil {
			return nil, err
		}
		d := &SocketDir{Path: path}
		mine, err := d.claim()
		if err != nil {
			_ = os.Remove(path)
			return nil, err
		}
		if mine { // else another host took it for one whose owner is gone, in the moment before it was locked
			return d, nil
		}
	}
}

// Remove removes the folder with all that is in it.
func (d *SocketDir) Remove() {
	_ = os.RemoveAll(d.Path)
	if d.lock != nil {
		_ = d.lock.Close()
	}
}

// swept are the folders that were swept by this program.
var swept sync.Map

// sweep removes what hosts left in a folder that were killed together with their plugins.
func sweep(base string) {
	if _, done := swept.LoadOrStore(base, true); done {
		return
	}
	entries, err := filepath.Glob(filepath.Join(base, socketPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range entries {
		if d := abandoned(path); d != nil {
			d.Remove()
		}
	}
}
