package store

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/steepest/steepest/host/internal/regular"
)

const (
	mostHead   = 4 << 10  // bytes of a file that holds one line
	mostPacked = 64 << 20 // bytes of packed-refs
	mostHops   = 5        // from one symbolic reference to the next, as Git has it
)

// object is the name of a commit: SHA-1 or SHA-256.
var object = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// gitCommit is the commit that is checked out in the repository around a folder; empty without one. It only reads: the git
// program would run what the configuration of an unpacked repository names, and rewrite its index. So whether files were
// changed since cannot be known.
func gitCommit(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			commit, _ := headOf(filepath.Join(dir, ".git"))
			return commit
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// headOf is the commit of a .git, which is a folder, or a file that names it, in worktrees and submodules.
func headOf(git string) (string, error) {
	if info, err := os.Stat(git); err != nil {
		return "", err
	} else if !info.IsDir() {
		text, err := readLine(git)
		place, ok := strings.CutPrefix(text, "gitdir:")
		if err != nil || !ok {
			return "", fmt.Errorf("%s names no folder: %w", git, err)
		}
		if place = strings.TrimSpace(place); !filepath.IsAbs(place) {
			place = filepath.Join(filepath.Dir(git), place)
		}
		git = place
	}
	common := git // a worktree has branches in common with others
	if place, err := readLine(filepath.Join(git, "commondir")); err == nil {
		if common = place; !filepath.IsAbs(place) {
			common = filepath.Join(git, place)
		}
	}
	value, err := readLine(filepath.Join(git, "HEAD"))
	for range mostHops {
		name, symbolic := strings.CutPrefix(value, "ref:")
		if err != nil || !symbolic {
			break
		}
		name = strings.TrimSpace(name)
		if !strings.HasPrefix(name, "refs/") || !filepath.IsLocal(name) || strings.ContainsRune(name, '\\') {
			return "", fmt.Errorf("%q is no reference", name)
		}
		if value, err = readLine(filepath.Join(git, filepath.FromSlash(name))); err != nil {
			value, err = readLine(filepath.Join(common, filepath.FromSlash(name)))
		}
		if err != nil {
			value, err = packed(filepath.Join(common, "packed-refs"), name)
		}
	}
	if err != nil || !object.MatchString(value) {
		return "", fmt.Errorf("%s has no commit: %w", git, err)
	}
	return value, nil
}

// packed looks a reference up in packed-refs, whose lines are a commit and a name.
func packed(path, name string) (string, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(io.LimitReader(f, mostPacked)); lines.Scan(); {
		if commit, is, _ := strings.Cut(lines.Text(), " "); is == name {
			return commit, nil
		}
	}
	return "", fmt.Errorf("%s does not have %s", path, name)
}

// readLine reads a small file with one line.
func readLine(path string) (string, error) {
	b, err := regular.ReadFile(path, mostHead)
	return strings.TrimSpace(string(b)), err
}
