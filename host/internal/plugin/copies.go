package plugin

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
)

// CopiesDir is the folder, in that with the results of an experiment, which has the programs of the plugins that the experiment began with.
const CopiesDir = ".plugins"

// earlierDir is the folder, in CopiesDir, with programs that the experiment did not go on with.
const earlierDir = "earlier"

// copied is the name of a copy: its plugin, what it runs on, and the beginning of its SHA-256.
var copied = regexp.MustCompile(`^` + regexp.QuoteMeta(proto.BinaryPrefix) + `(.+)-` + regexp.QuoteMeta(platform()) + `-([0-9a-f]{12})(\.exe)?$`)

// copyName is the name of a copy of a program.
func copyName(name, path string, sum []byte) string {
	end := ""
	if filepath.Ext(path) == ".exe" {
		end = ".exe"
	}
	return proto.BinaryPrefix + name + "-" + platform() + "-" + hex.EncodeToString(sum)[:12] + end
}

// programCopy is a program that an experiment keeps.
type programCopy struct {
	name, path string
	begins     string // its SHA-256, by its name
}

// checksum is the copy's SHA-256; nil if it was cut off or changed.
func (c programCopy) checksum() []byte {
	sum, err := SHA256(c.path)
	if err != nil || !c.of(sum) {
		return nil
	}
	return sum
}

// of tells whether it is a copy of a program, as far as its name tells.
func (c programCopy) of(sum []byte) bool { return strings.HasPrefix(hex.EncodeToString(sum), c.begins) }

// copies are the programs for this platform that are kept in a results folder.
func copies(results string) (found []programCopy, err error) {
	dir, err := filepath.Abs(filepath.Join(results, CopiesDir)) // a bare file name would be searched in $PATH
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, file := range files {
		m := copied.FindStringSubmatch(file.Name())
		if m != nil && file.Type().IsRegular() {
			found = append(found, programCopy{m[1], filepath.Join(dir, file.Name()), m[2]})
		}
	}
	return found, nil
}

// missing are the plugins that are not among the installed ones, of which one of the results folders keeps the program.
func missing(installed []Binary, results []string) (found []Binary) {
	for _, dir := range results {
		kept, _ := copies(dir)
		for _, c := range kept {
			there := slices.ContainsFunc(slices.Concat(installed, found), func(b Binary) bool { return b.Name == c.name })
			if !there && c.checksum() != nil {
				found = append(found, Binary{Name: c.name, Path: c.path})
			}
		}
	}
	return found
}

// Began returns a pool with the programs that the experiment in a results folder began with, and notes on those, of the plugins that are
// named, that are not the installed ones. The pool is nil if it would be this one. A copy is trusted as far as the installed program would be.
func (p *Pool) Began(ctx context.Context, results string, names []string) (began *Pool, notes []string, err error) {
	kept, err := copies(results)
	if err != nil {
		return nil, nil, err
	}
	binaries, others := slices.Clone(p.binaries), false
	for _, name := range names {
		i := slices.IndexFunc(binaries, func(b Binary) bool { return b.Name == name })
		of := slices.DeleteFunc(slices.Clone(kept), func(c programCopy) bool { return c.name != name })
		if i < 0 || len(of) == 0 || binaries[i].attach != nil {
			continue
		}
		if slices.ContainsFunc(of, func(c programCopy) bool { return c.path == binaries[i].Path }) {
			notes = append(notes, fmt.Sprintf("plugin %s is not installed; going on with the program that the experiment began with", name))
			continue
		}
		process, err := p.Get(ctx, name, "")
		if err != nil {
			continue // its runs will say why
		}
		if slices.ContainsFunc(of, func(c programCopy) bool { return c.of(process.Checksum) }) {
			continue
		}
		at := slices.IndexFunc(of, func(c programCopy) bool { return c.checksum() != nil })
		if at < 0 {
			notes = append(notes, fmt.Sprintf("%s was changed, and plugin %s was rebuilt since; going on with the installed one", of[0].path, name))
			continue
		}
		if trust := binaries[i].Trust; trust != nil {
			if err := trust(of[at].checksum()); err != nil {
				return nil, nil, fmt.Errorf("%s, which the experiment began with: %w; make its runs anew with --refresh-plugins", of[at].path, err)
			}
		}
		binaries[i].Path, others = of[at].path, true
		notes = append(notes, fmt.Sprintf("plugin %s was rebuilt since the experiment began; going on with the program that it began with; "+
			"--refresh-plugins makes its runs anew with the new one", name))
	}
	if others {
		began = NewPool(binaries)
	}
	return began, notes, nil
}

// Keep copies the programs of plugins into a results folder, unless they are there. With refresh, others of the same plugins are put
// aside. Programs that do so at once do not disturb each other.
func (p *Pool) Keep(ctx context.Context, results string, names []string, refresh bool) error {
	kept, err := copies(results)
	if err != nil {
		return err
	}
	for _, name := range names {
		i := slices.IndexFunc(p.binaries, func(b Binary) bool { return b.Name == name })
		if i < 0 || p.binaries[i].attach != nil {
			continue
		}
		process, err := p.Get(ctx, name, "")
		if err != nil {
			continue // its runs will say why
		}
		same := func(c programCopy) bool { return c.name == name && c.of(process.Checksum) }
		if !slices.ContainsFunc(kept, func(c programCopy) bool { return same(c) && c.checksum() != nil }) {
			if err := p.binaries[i].keep(results, process.Checksum); err != nil {
				return err
			}
		}
		for _, c := range kept {
			if refresh && c.name == name && !same(c) {
				if err := setAside(c.path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// keep copies a program. A copy of the same program under another name, or of the results of another experiment beside them, is linked
// to instead: nobody writes into one.
func (b Binary) keep(results string, sum []byte) error {
	path := filepath.Join(results, CopiesDir, copyName(b.Name, b.Path, sum))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	half := fmt.Sprintf("%s.%016x", path, rand.Uint64())
	defer func() { _ = os.Remove(half) }() // it is gone if all went well
	same := copyName("*", b.Path, sum)
	others, _ := filepath.Glob(filepath.Join(results, CopiesDir, same))
	beside, _ := filepath.Glob(filepath.Join(filepath.Dir(results), "*", CopiesDir, same))
	others = append(others, beside...)
	linked := slices.ContainsFunc(others, func(other string) bool {
		if was, err := SHA256(other); err != nil || !bytes.Equal(was, sum) {
			return false
		}
		return os.Link(other, half) == nil
	})
	if !linked {
		if err := copyProgram(b.Path, half); err != nil {
			return err
		}
		if was, err := SHA256(half); err != nil || !bytes.Equal(was, sum) {
			return errors.Join(err, fmt.Errorf("plugin %q: %s %w", b.Name, b.Path, ErrChanged))
		}
	}
	return os.Rename(half, path)
}

// copyProgram copies a file, sharing its blocks where the file system can.
func copyProgram(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// setAside puts a copy among those that the experiment does not go on with. Whoever does so at once may have done it.
func setAside(path string) error {
	dir := filepath.Join(filepath.Dir(path), earlierDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(path, filepath.Join(dir, filepath.Base(path))); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
