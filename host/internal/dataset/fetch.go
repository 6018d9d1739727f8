package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
)

// Progress is told how far a file has come, in bytes; total is 0 if no one knows. Once the file is in place, done is total.
type Progress func(file string, done, total int64)

// idleTimeout is how long a mirror may send nothing.
const idleTimeout = 30 * time.Second

// Get puts the files into the user's folder and returns that: from another folder if it is not empty, else from the network, where
// a mirror that is not empty comes first.
func (f *Fetched) Get(ctx context.Context, v environ.Variables, from, mirror string, progress Progress) (string, error) {
	user, err := UserFolder(v)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(user, f.Name)
	if from != "" {
		return folder, f.CopyFrom(from, folder, progress)
	}
	first := *f
	if mirror != "" {
		first.Mirrors = append([]string{mirror}, f.Mirrors...)
	}
	return folder, first.Fetch(ctx, folder, progress)
}

// Fetch downloads what is missing into the folder. A file appears there whole and with the right sum, or not at all. What
// an interrupted download got is kept beside it as .part, and the next one goes on from there.
func (f *Fetched) Fetch(ctx context.Context, folder string, progress Progress) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, file := range f.Files {
		if file.present(folder) {
			progress(file.Name, file.Size, file.Size)
			continue
		}
		var wrong []error
		for _, mirror := range f.Mirrors {
			err := file.download(ctx, strings.TrimSuffix(mirror, "/")+"/"+file.Name+".gz", folder, progress)
			if err == nil {
				wrong = nil
				break
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			wrong = append(wrong, err)
		}
		if wrong != nil {
			return fmt.Errorf("cannot get %s:\n%w\nrun it again to go on where it stopped; if you have the files, name their "+
				"folder with --from",
				file.Name, errors.Join(wrong...))
		}
	}
	return nil
}

// CopyFrom copies the files from another folder, where they may be compressed or not.
func (f *Fetched) CopyFrom(from, folder string, progress Progress) error {
	paths, err := f.in(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i, file := range f.Files {
		if file.present(folder) {
			progress(file.Name, file.Size, file.Size)
			continue
		}
		if err := file.verify(paths[i]); err != nil {
			return err
		}
		part := filepath.Join(folder, filepath.Base(paths[i])+".part")
		if err := copyFile(paths[i], part); err != nil {
			return err
		}
		if err := file.place(part); err != nil {
			return err
		}
		progress(file.Name, file.Size, file.Size)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// present tells whether the folder has the file already, with the right sum.
func (f FetchedFile) present(folder string) bool {
	path, err := f.in(folder)
	return err == nil && f.verify(path) == nil
}

// verify compares the sum of a file's content.
func (f FetchedFile) verify(path string) error {
	_, sum, err := from(path, func(in *file) (int64, error) { return io.Copy(io.Discard, io.LimitReader(in, f.Size+1)) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.compare(path, sum)
}

func (f FetchedFile) compare(path string, got Sum) error {
	if want := (Sum{f.Size, f.SHA256}); got != want {
		return fmt.Errorf("%s: the content has the SHA-256 %s, which should be %s: it is another file, or damaged", path,
			got.SHA256, want.SHA256)
	}
	return nil
}

// place verifies a part and gives it its name, durably.
func (f FetchedFile) place(part string) error {
	if err := f.verify(part); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	file, err := os.Open(part)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(part, strings.TrimSuffix(part, ".part"))
}

// download gets one file, going on with what is there of it. If that turns out to be of another file, it begins anew.
func (f FetchedFile) download(ctx context.Context, url, folder string, progress Progress) error {
	part := filepath.Join(folder, f.Name+".gz.part")
	resumed, err := f.get(ctx, url, part, progress)
	if err != nil {
		return err
	}
	err = f.place(part)
	if err != nil && resumed {
		if _, err = f.get(ctx, url, part, progress); err == nil {
			err = f.place(part)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	progress(f.Name, f.Size, f.Size)
	return nil
}

// get downloads into part; resumed tells whether it went on with what was there.
func (f FetchedFile) get(ctx context.Context, url, part string, progress Progress) (resumed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(idleTimeout, func() { cancel(fmt.Errorf("nothing came for %v", idleTimeout)) })
	defer idle.Stop()
	var have int64
	if info, err := os.Stat(part); err == nil {
		have = info.Size()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	request.Header.Set("User-Agent", "steepest")
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, cause(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	switch {
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return true, nil // it is all there, or of another file
	case response.StatusCode == http.StatusPartialContent && have > 0 &&
		strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		mode, resumed = os.O_WRONLY|os.O_APPEND, true
	case response.StatusCode == http.StatusOK:
		have = 0
	default:
		return false, fmt.Errorf("%s: the server answers %s", url, response.Status)
	}
	out, err := os.OpenFile(part, mode, 0o644)
	if err != nil {
		return false, err
	}
	total := int64(0)
	if response.ContentLength >= 0 {
		total = have + response.ContentLength
	}
	// Compressed data are not larger than their content, but for a header.
	body := &counted{r: io.LimitReader(response.Body, f.Size+1<<16-have), done: have, tell: func(done int64) {
		idle.Reset(idleTimeout)
		if done != total {
			progress(f.Name, done, total)
		}
	}}
	_, err = io.Copy(out, body)
	if err := errors.Join(err, out.Close()); err != nil {
		return resumed, fmt.Errorf("%s: %w", url, cause(ctx, err))
	}
	return resumed, nil
}

// cause is why the context ended, if that is why there is an error.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// counted tells how many bytes were read.
type counted struct {
	r    io.Reader
	done int64
	tell func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.tell(c.done)
	return n, err
}
