package plugin

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/owned"
	"github.com/steepest/steepest/host/internal/remedy"
)

// SocketDir is a folder that only this user can enter, for the socket of one plugin.
type SocketDir struct {
	Path string
	mark *os.File // see package owned
}

// socketPrefix begins the names of these folders.
const socketPrefix = "steepest-plugin-"

// longestBase is the longest path of the folder around them, in bytes: the system limits the path of a socket to about 100.
const longestBase = 60

// bases are the folders in which these folders can be: the one for temporary files, or else the usual one.
func bases(v environ.Variables) []string {
	all := []string{v.Temporary()}
	if runtime.GOOS != "windows" && !slices.Contains(all, "/tmp") {
		all = append(all, "/tmp")
	}
	return all
}

// NewSocketDir makes a folder. The first time, it removes those of hosts that are gone.
func NewSocketDir(v environ.Variables) (*SocketDir, error) {
	var first error
	for _, base := range bases(v) {
		err := fmt.Errorf("the path is longer than %d bytes, too long for a socket in it", longestBase)
		if len(base) <= longestBase {
			var d *SocketDir
			if d, err = makeSocketDir(base); err == nil {
				if _, done := swept.LoadOrStore(base, true); !done {
					owned.Sweep(base, socketPrefix)
				}
				return d, nil
			}
		}
		if remedy.Scarce(err) {
			return nil, fmt.Errorf("cannot make a folder for the plugin's socket: %w", remedy.System(err))
		}
		if first == nil {
			first = err
		}
	}
	return nil, remedy.With(fmt.Errorf("cannot make a folder for the plugin's socket in %s: %w", v.Temporary(), first),
		"set TMPDIR to a folder that you can write to, with a short path")
}

// swept are the folders that this program has swept.
var swept sync.Map

func makeSocketDir(base string) (*SocketDir, error) {
	for {
		path, err := os.MkdirTemp(base, socketPrefix)
		if err != nil {
			return nil, err
		}
		mark, err := os.Open(path)
		if err == nil && owned.Claim(mark) {
			return &SocketDir{path, mark}, nil
		}
		if err != nil && !os.IsNotExist(err) {
			_ = os.Remove(path)
			return nil, err
		}
		_ = mark.Close() // another host swept it away, in the moment before it was marked
	}
}

// Remove removes the folder with all that is in it.
func (d *SocketDir) Remove() {
	_ = os.RemoveAll(d.Path)
	_ = d.mark.Close()
}
