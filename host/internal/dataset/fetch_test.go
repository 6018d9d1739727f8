package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
)

// family is a data set like MNIST, of 6 and 2 images, with the gzipped files by name.
func family() (*Fetched, map[string]string) {
	f, zipped := &Fetched{Name: "family"}, map[string]string{}
	for name, content := range map[string]string{
		"train-images-idx3-ubyte": idx(8, []uint32{6, 2, 2}, "abcdefghijklmnopqrstuvwx"),
		"train-labels-idx1-ubyte": idx(8, []uint32{6}, "\x00\x01\x00\x01\x00\x01"),
		"t10k-images-idx3-ubyte":  idx(8, []uint32{2, 2, 2}, "ABCDEFGH"),
		"t10k-labels-idx1-ubyte":  idx(8, []uint32{2}, "\x01\x00"),
	} {
		sum := sha256.Sum256([]byte(content))
		f.Files = append(f.Files, FetchedFile{name, hex.EncodeToString(sum[:]), int64(len(content))})
		zipped[name+".gz"] = zipText(content)
	}
	order := func(name string) int {
		return slices.IndexFunc(mnist.Fetched.Files, func(f FetchedFile) bool { return f.Name == name })
	}
	slices.SortFunc(f.Files, func(a, b FetchedFile) int { return order(a.Name) - order(b.Name) })
	return f, zipped
}

// mirror serves files, ranges included, and counts requests and their ranges.
type mirror struct {
	files  map[string]string
	ranges []string
	broken func(w http.ResponseWriter, r *http.Request) bool
}

func (m *mirror) serve(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.ranges = append(m.ranges, r.Header.Get("Range"))
		if m.broken != nil && m.broken(w, r) {
			return
		}
		content, ok := m.files[filepath.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func silent(string, int64, int64) {}

// complete fails if the folder has anything but the files, whole.
func complete(t *testing.T, f *Fetched, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != len(f.Files) {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	for _, file := range f.Files {
		if path, err := file.in(folder); err != nil || file.verify(path) != nil {
			t.Errorf("%s: %v", file.Name, errors.Join(err, file.verify(path)))
		}
	}
}

func TestFetch(t *testing.T) {
	f, files := family()
	good := &mirror{files: files}
	f.Mirrors = []string{(&mirror{}).serve(t), good.serve(t) + "/"} // the first has none
	folder := filepath.Join(t.TempDir(), "a", "b")
	var told []string
	if err := f.Fetch(t.Context(), folder, func(name string, done, total int64) {
		if done == total {
			told = append(told, name)
		}
	}); err != nil {
		t.Fatal(err)
	}
	complete(t, f, folder)
	if len(told) != 4 || told[0] != "train-images-idx3-ubyte" {
		t.Errorf("told of %v", told)
	}
	good.ranges = nil
	if err := f.Fetch(t.Context(), folder, silent); err != nil || len(good.ranges) != 0 {
		t.Errorf("fetched again: %v, %d requests", err, len(good.ranges))
	}
}

// TestFetchGoesOn: what is there of a file is kept; a rest of another file is not believed.
func TestFetchGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		part   func(whole string) string
		ranges []string // of the first file's requests
		plain  bool     // the server knows no ranges
	}{
		"part":         {func(s string) string { return s[:20] }, []string{"bytes=20-"}, false},
		"all":          {func(s string) string { return s }, []string{fmt.Sprintf("bytes=%d-", 1<<6)}, false},
		"other":        {func(string) string { return "something else" }, []string{"bytes=14-", ""}, false},
		"longer other": {func(s string) string { return s + "and more" }, []string{"bytes", ""}, false},
		"no ranges":    {func(s string) string { return s[:20] }, []string{"bytes=20-"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, files := family()
			m := &mirror{files: files}
			if c.plain {
				m.broken = func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Range"); return false }
			}
			f.Mirrors = []string{m.serve(t)}
			folder := t.TempDir()
			first := f.Files[0].Name + ".gz"
			if err := os.WriteFile(filepath.Join(folder, first+".part"), []byte(c.part(files[first])), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := f.Fetch(t.Context(), folder, silent); err != nil {
				t.Fatal(err)
			}
			complete(t, f, folder)
			if len(m.ranges) != len(c.ranges)+3 || !strings.HasPrefix(m.ranges[0], "bytes=") ||
				len(c.ranges) == 2 && m.ranges[1] != "" {
				t.Errorf("requests for %q", m.ranges)
			}
		})
	}
}

// TestFetchInterrupted: a connection that breaks and a user who gives up leave a part, which the next time uses.
func TestFetchInterrupted(t *testing.T) {
	f, files := family()
	ctx, cancel := context.WithCancel(t.Context())
	half := func(w http.ResponseWriter, then func()) {
		whole := files[f.Files[0].Name+".gz"]
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		_, _ = w.Write([]byte(whole[:30]))
		w.(http.Flusher).Flush()
		then()
	}
	m := &mirror{files: files}
	f.Mirrors = []string{m.serve(t)}
	folder := t.TempDir()
	part := filepath.Join(folder, f.Files[0].Name+".gz.part")

	m.broken = func(w http.ResponseWriter, _ *http.Request) bool { half(w, func() {}); return true }
	if err := f.Fetch(ctx, folder, silent); err == nil || !strings.Contains(err.Error(), "unexpected EOF") ||
		!strings.Contains(err.Error(), "run it again") {
		t.Errorf("broken connection: %v", err)
	}
	if err := os.Remove(part); err != nil {
		t.Fatal(err)
	}
	m.broken = func(w http.ResponseWriter, r *http.Request) bool {
		half(w, func() {
			for {
				if info, err := os.Stat(part); err == nil && info.Size() == 30 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			cancel()
			<-r.Context().Done()
		})
		return true
	}
	if err := f.Fetch(ctx, folder, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("after that there are %v, %v", entries, err)
	}
	m.broken, m.ranges = nil, nil
	if err := f.Fetch(t.Context(), folder, silent); err != nil || m.ranges[0] != "bytes=30-" {
		t.Errorf("%v, requests for %q", err, m.ranges)
	}
	complete(t, f, folder)
}

func TestFetchRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		broken func(w http.ResponseWriter, r *http.Request) bool
		want   string
	}{
		"another file": {func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(zipText("another file, to be sure, which is longer than a header")))
			return true
		}, "it is another file, or damaged"},
		"no gzip": {func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("<html>")); return true }, "it is another file"},
		"empty":   {func(http.ResponseWriter, *http.Request) bool { return true }, "empty"},
		"endless": {func(w http.ResponseWriter, r *http.Request) bool {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					break
				}
			}
			return true
		}, "it is another file"},
		"error": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}, "503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := family()
			f.Mirrors = []string{(&mirror{broken: c.broken}).serve(t)}
			folder := t.TempDir()
			if err := f.Fetch(t.Context(), folder, silent); err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "--from") {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
				t.Errorf("it left %v, %v", entries, err)
			}
		})
	}
}

func TestCopyFrom(t *testing.T) {
	f, files := family()
	from, folder := t.TempDir(), filepath.Join(t.TempDir(), "to")
	if err := f.CopyFrom(from, folder, silent); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("from an empty folder: %v", err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(from, name), []byte(content), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	// One of them plain, and one first damaged.
	plain, damaged := filepath.Join(from, "train-labels-idx1-ubyte"), filepath.Join(from, "t10k-labels-idx1-ubyte.gz")
	if err := errors.Join(os.Remove(plain+".gz"),
		os.WriteFile(plain, []byte(idx(8, []uint32{6}, "\x00\x01\x00\x01\x00\x01")), 0o444),
		os.Remove(damaged), os.WriteFile(damaged, []byte(zipText(idx(8, []uint32{2}, "\x01\x01"))), 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := f.CopyFrom(from, folder, silent); err == nil || !strings.Contains(err.Error(), damaged) {
		t.Errorf("damaged file: %v", err)
	}
	if err := os.WriteFile(damaged, []byte(files["t10k-labels-idx1-ubyte.gz"]), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.CopyFrom(from, folder, silent); err != nil {
		t.Fatal(err)
	}
	complete(t, f, folder)
}

// TestFetchedIsFound looks where fetch puts a data set.
func TestFetchedIsFound(t *testing.T) {
	v := environ.Variables(nil).With(map[string]string{"XDG_DATA_HOME": t.TempDir()})
	f, files := family()
	var missing *MissingError
	if _, err := f.load(v); !errors.As(err, &missing) || missing.Remedy() != "run `steepest data fetch family`" ||
		!errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	user, err := UserFolder(v)
	if err != nil {
		t.Fatal(err)
	}
	f.Mirrors = []string{(&mirror{files: files}).serve(t)}
	if err := f.Fetch(t.Context(), filepath.Join(user, f.Name), silent); err != nil {
		t.Fatal(err)
	}
	d, err := f.load(v)
	if err != nil || d.Test != 2 || d.Examples() != 8 || d.Features() != 4 || d.X.At(7, 3) != 'H' || d.X.pixels(7) == nil ||
		d.Scaling != Pixels ||
		!slices.Equal(d.Y, []float64{0, 1, 0, 1, 0, 1, 1, 0}) || d.X.Bytes() != 32 {
		t.Errorf("%+v %v", d, err)
	}
	if folder, ok := f.Present(v); !ok || folder != filepath.Join(user, f.Name) {
		t.Errorf("it is in %s, %v", folder, ok)
	}
	// Other labels in a file of the same form.
	labels := filepath.Join(user, f.Name, "t10k-labels-idx1-ubyte.gz")
	if err := os.WriteFile(labels, []byte(zipText(idx(8, []uint32{2}, "\x00\x01"))), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.load(v); err == nil || !strings.Contains(err.Error(), labels+": the content has the SHA-256") {
		t.Errorf("mislabelled: %v", err)
	}
	if _, ok := f.Present(v); ok {
		t.Error("mislabelled files are taken for present")
	}
}

// TestFashionMNIST reads Debian's package, if it is installed: 70,000 images, held as bytes.
func TestFashionMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	paths, err := fashionMNIST.Fetched.in(filepath.Join(System, "fashion-mnist"))
	if err != nil {
		const message = "Fashion-MNIST is missing; install it with: apt-get install dataset-fashion-mnist"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	for i, file := range fashionMNIST.Fetched.Files {
		if err := file.verify(paths[i]); err != nil {
			t.Error(err)
		}
	}
	d := load(t, "fashion-mnist", nil)
	if d.Examples() != 70_000 || d.Test != 10_000 || !slices.Equal(d.Shape, []int{28, 28, 1}) || d.X.Bytes() != 70_000*784 ||
		!slices.Equal(count(d), slices.Repeat([]int{7000}, 10)) {
		t.Errorf("%d examples of %v in %d bytes, %v", d.Examples(), d.Shape, d.X.Bytes(), count(d))
	}
}
