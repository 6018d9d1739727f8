package certificate

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	pb "google.golang.org/protobuf/proto"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/sdk/exam"
)

var sum = strings.Repeat("0123456789abcdef", 4)

// TestFind: what was saved is quoted, of the same binary only, and a damaged file is none.
func TestFind(t *testing.T) {
	v := environ.Variables(nil).With(map[string]string{"XDG_DATA_HOME": t.TempDir()})
	if q := Find(v, "adam", sum); q != nil {
		t.Fatalf("found %+v before there was one", q)
	}
	c := &Certificate{Schema: Schema, Verdict: exam.Fail, Plugin: Plugin{Name: "adam", SHA256: sum}, Date: time.Now(),
		Conventions: []exam.Agreement{{Convention: "adamw"}, {Convention: "amsgrad"}}}
	path, err := c.Save(v)
	if err != nil {
		t.Fatal(err)
	}
	c.Verdict = exam.Pass
	if _, err := c.Save(v); err != nil { // again, in its place
		t.Fatal(err)
	}
	q := Find(v, "adam", sum)
	if q == nil || q.Verdict != exam.Pass || q.Path != path || !slices.Equal(q.Conventions, []string{"adamw",
		"amsgrad"}) || !q.Date.Equal(c.Date) {
		t.Fatalf("%+v", q)
	}
	if q := Find(v, "sgd", sum); q != nil {
		t.Errorf("another plugin of the program has its certificate: %+v", q)
	}
	if err := os.Rename(path, filepath.Join(filepath.Dir(path), sum+".json")); err != nil { // as earlier versions called it
		t.Fatal(err)
	}
	if q := Find(v, "adam", sum); q == nil || q.Verdict != exam.Pass {
		t.Errorf("kept by an earlier version: %+v", q)
	}
	if q := Find(v, "sgd", sum); q != nil {
		t.Errorf("%+v", q)
	}
	if path, err = c.Save(v); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), sum+".json")); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{
		"cut off": b[:len(b)/2], "of a later schema": bytes.Replace(b, []byte(`"schema": 1`), []byte(`"schema": 2`), 1),
		"of another binary": bytes.Replace(b, []byte("0123"), []byte("3210"), 1),
	} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if q := Find(v, "adam", sum); q != nil {
			t.Errorf("%s: %+v", what, q)
		}
	}
	if q := Find(v, "adam", "../../../etc/passwd"); q != nil {
		t.Error(q)
	}
	if q := Find(v, "../adam", sum); q != nil {
		t.Error(q)
	}
}

func TestLastWords(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "\n \n": "", "one\ntwo\n\n": "two", "x\npanic: boom\n\ngoroutine 1 [running]:\n": "panic: boom",
		"panic: boom\n\ngoroutine 1 [running]:\nslices.Max(...)\n\t/go/slices.go:4\nmain.step({0x1})\n\t/home/me/lion/main.go:27 +0x1d\n" +
			"main.main()\n\t/home/me/lion/main.go:40\n": "panic: boom, at /home/me/lion/main.go:27",
	} {
		if got := lastWords(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

// FuzzReadDescription: whatever a program prints is a description that can be printed again, or an error.
func FuzzReadDescription(f *testing.F) {
	f.Add([]byte(`{"name": "sgd", "hyperparameters": [{"name": "lr", "default": {"float": "NaN"}, "interval": {"high": "Infinity"}}]}`))
	f.Add([]byte(`{"capabilities": null, "later": [1]}`))
	f.Add([]byte(`I am SGD`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := readDescription(b)
		if err != nil {
			return
		}
		text, err := protojson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readDescription(text)
		if err != nil || !pb.Equal(d, again) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// FuzzStdout: the handshake is found, and noise bounded, however the pipe cuts the bytes.
func FuzzStdout(f *testing.F) {
	f.Add([]byte("hello\n1|1|unix|/tmp/s|grpc\nnoise"), uint16(3))
	f.Add([]byte("||||\n||||\n\n"), uint16(1))
	f.Add(bytes.Repeat([]byte("x"), 70_000), uint16(4096))
	f.Fuzz(func(t *testing.T, b []byte, size uint16) {
		whole, cut := newStdout(), newStdout()
		_, _ = whole.Write(b)
		for piece := range slices.Chunk(b, int(size)+1) {
			_, _ = cut.Write(piece)
		}
		for _, s := range []*stdout{whole, cut} {
			if len(s.line) > maxLine || len(s.before.kept) > s.before.limit || len(s.after.kept) > s.after.limit {
				t.Fatal("unbounded")
			}
		}
		if whole.shook != cut.shook || whole.longest != cut.longest || whole.before.total != cut.before.total ||
			!bytes.Equal(whole.after.kept, cut.after.kept) || len(whole.handshake) != len(cut.handshake) {
			t.Errorf("cut into pieces of %d: %+v, whole: %+v", size+1, cut, whole)
		}
	})
}

// TestSameRemedy: a fault that several checks meet is explained once.
func TestSameRemedy(t *testing.T) {
	c := &Certificate{Verdict: exam.Fail, Checks: []exam.Result{
		{Name: "one", Verdict: exam.Fail, Detail: "step 1: boom", Remedy: "mend it"},
		{Name: "two", Verdict: exam.Pass},
		{Name: "three", Verdict: exam.Fail, Detail: "step 1: boom", Remedy: "mend it"},
		{Name: "four", Verdict: exam.Fail, Detail: "else", Remedy: "raise it"},
	}}
	text := c.Text()
	if strings.Count(text, "remedy: mend it\n") != 1 || !strings.Contains(text, "remedy: as for one\n") ||
		!strings.Contains(text, "remedy: raise it\n") {
		t.Error(text)
	}
}
