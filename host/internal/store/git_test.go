package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git runs the program in a folder.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=e@example.org",
		"-c", "protocol.file.allow=always"}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// needGit skips the test where git is missing; in CI that is a failure.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		const message = "git is missing; install it with: apt-get install git"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
}

// TestGitCommit reads what git says, however the repository keeps it.
func TestGitCommit(t *testing.T) {
	needGit(t)
	repository := func(t *testing.T, options ...string) string {
		dir := t.TempDir()
		git(t, dir, append([]string{"init", "-q"}, options...)...)
		git(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
		git(t, dir, "branch", "other")
		git(t, dir, "commit", "-q", "--allow-empty", "-m", "second")
		return dir
	}
	for name, prepare := range map[string]func(*testing.T, string) string{
		"branch":   func(_ *testing.T, dir string) string { return dir },
		"detached": func(t *testing.T, dir string) string { git(t, dir, "checkout", "-q", "--detach", "HEAD~"); return dir },
		"packed":   func(t *testing.T, dir string) string { git(t, dir, "pack-refs", "--all"); return dir },
		"worktree": func(t *testing.T, dir string) string {
			git(t, dir, "worktree", "add", "-q", filepath.Join(dir, "tree"), "other")
			return filepath.Join(dir, "tree")
		},
		"packed worktree": func(t *testing.T, dir string) string {
			git(t, dir, "worktree", "add", "-q", filepath.Join(dir, "tree"), "other")
			git(t, dir, "pack-refs", "--all")
			return filepath.Join(dir, "tree")
		},
		"submodule": func(t *testing.T, dir string) string {
			git(t, dir, "submodule", "add", "-q", repository(t), "sub")
			return filepath.Join(dir, "sub")
		},
		"symbolic": func(t *testing.T, dir string) string {
			git(t, dir, "symbolic-ref", "refs/heads/alias", "refs/heads/other")
			git(t, dir, "symbolic-ref", "HEAD", "refs/heads/alias")
			return dir
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := prepare(t, repository(t))
			below := filepath.Join(dir, "below", "it")
			if err := os.MkdirAll(below, 0o755); err != nil {
				t.Fatal(err)
			}
			want := git(t, dir, "rev-parse", "HEAD")
			for _, from := range []string{dir, below} {
				if got := gitCommit(from); got != want {
					t.Errorf("got %q, git says %s", got, want)
				}
			}
		})
	}
	t.Run("sha256", func(t *testing.T) {
		dir := repository(t, "--object-format=sha256")
		if got, want := gitCommit(dir), git(t, dir, "rev-parse", "HEAD"); got != want || len(got) != 64 {
			t.Errorf("got %q, git says %s", got, want)
		}
	})
	t.Run("unborn", func(t *testing.T) {
		dir := t.TempDir()
		git(t, dir, "init", "-q")
		if got := gitCommit(dir); got != "" {
			t.Errorf("got %q", got)
		}
	})
}

// TestGitRunsNothing: a repository that was unpacked with an experiment runs no program and is not changed.
func TestGitRunsNothing(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "x.toml")
	git(t, dir, "commit", "-q", "-m", "first")
	want := git(t, dir, "rev-parse", "HEAD")
	proof := filepath.Join(t.TempDir(), "proof")
	git(t, dir, "config", "core.fsmonitor", "touch "+proof)
	git(t, dir, "config", "core.sshCommand", "touch "+proof)
	before, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	env, err := NewEnvironment(filepath.Join(dir, "x.toml"))
	if err != nil || env.Git != want {
		t.Errorf("commit %q, want %s: %v", env.Git, want, err)
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("the repository's configuration was executed")
	}
	if after, err := os.ReadFile(filepath.Join(dir, ".git", "index")); err != nil || string(after) != string(before) {
		t.Error("the repository was changed", err)
	}
}

// TestGitGarbage: what is no repository has no commit, and keeps nobody waiting.
func TestGitGarbage(t *testing.T) {
	hash := strings.Repeat("a", 40)
	for name, files := range map[string]map[string]string{
		"empty":        {".git/HEAD": ""},
		"short":        {".git/HEAD": hash[1:]},
		"text":         {".git/HEAD": "hello"},
		"outside":      {".git/HEAD": "ref: refs/../../secret", "secret": hash},
		"absolute":     {".git/HEAD": "ref: /etc/passwd"},
		"not refs":     {".git/HEAD": "ref: config", ".git/config": hash},
		"loop":         {".git/HEAD": "ref: refs/a", ".git/refs/a": "ref: refs/b", ".git/refs/b": "ref: refs/a"},
		"long":         {".git/HEAD": strings.Repeat("a", 1<<20)},
		"folder":       {".git/HEAD/x": ""},
		"file":         {".git": "not a gitdir"},
		"file to none": {".git": "gitdir: nowhere"},
		"file to self": {".git": "gitdir: .git"},
		"packed":       {".git/HEAD": "ref: refs/heads/x", ".git/packed-refs": strings.Repeat("x", 1<<20)},
	} {
		dir := t.TempDir()
		for file, text := range files {
			path := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := gitCommit(dir); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func FuzzGitHead(f *testing.F) {
	f.Add("ref: refs/heads/main\n", strings.Repeat("0", 40)+" refs/heads/main\n")
	f.Fuzz(func(t *testing.T, head, packed string) {
		dir := t.TempDir()
		for name, text := range map[string]string{"HEAD": head, "packed-refs": packed} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if commit, err := headOf(dir); (err == nil) != object.MatchString(commit) {
			t.Errorf("%q, %v", commit, err)
		}
	})
}
