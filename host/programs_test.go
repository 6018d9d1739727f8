//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/proto"
)

// TestRacedProgram: while two programs take each other's place again and again, none is started but the trusted one, be it a
// binary or a script, and it is known under its name.
func TestRacedProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("programs are started by their path here")
	}
	real := filepath.Join(pluginDir, proto.BinaryPrefix+"sgd")
	binary, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	for what, good := range map[string][]byte{"binary": binary, "script": []byte("#!/bin/sh\nexec " + real + "\n")} {
		dir := t.TempDir()
		path := filepath.Join(dir, proto.BinaryPrefix+"sgd")
		files := map[string][]byte{"good": good, "bad": fmt.Appendf(nil, "#!/bin/sh\necho >%s/ran\n", dir)}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		swap := func(name string) error { // a link, renamed: at each moment one of the two is there
			link := filepath.Join(dir, "link")
			return errors.Join(os.Link(filepath.Join(dir, name), link), os.Rename(link, path))
		}
		if err := swap("good"); err != nil {
			t.Fatal(err)
		}
		trusted, err := optimizer.SHA256(path)
		if err != nil {
			t.Fatal(err)
		}
		refused := errors.New("refused")
		b := optimizer.Binary{Name: "sgd", Path: path, Trust: func(sum []byte) error {
			if !bytes.Equal(sum, trusted) {
				return refused
			}
			return nil
		}}
		stop, stopped := make(chan struct{}), make(chan error)
		go func() {
			for {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				if err := errors.Join(swap("bad"), swap("good")); err != nil {
					stopped <- err
					return
				}
			}
		}()
		started := 0
		for range 60 {
			p, err := optimizer.Launch(t.Context(), b)
			switch {
			case err == nil:
				if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Pid())); err != nil || string(name) != "steepest-optimi\n" {
					t.Errorf("%s: the process is called %q, %v", what, name, err)
				}
				p.Kill()
				started++
			case !errors.Is(err, refused):
				t.Errorf("%s: %v", what, err)
			}
		}
		close(stop)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil || started == 0 {
			t.Errorf("%s: %d starts of the trusted program, %v of the other", what, started, err == nil)
		}
	}
}

// TestChangedWhileStarted: a script that is written to while it starts is not used.
func TestChangedWhileStarted(t *testing.T) {
	path := filepath.Join(t.TempDir(), proto.BinaryPrefix+"sgd")
	text := "#!/bin/sh\necho '# more' >>" + path + "\nexec " + filepath.Join(pluginDir, proto.BinaryPrefix+"sgd") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := optimizer.Launch(t.Context(), optimizer.Binary{Name: "sgd", Path: path})
	if err == nil {
		p.Kill()
	}
	if want := path + " was changed while it was started"; err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
		t.Errorf("%v, want %s", err, want)
	}
}
