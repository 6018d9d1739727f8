package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/host/internal/environ"
)

// Fetched is a data set of the MNIST family, which is not part of the program: four IDX files in a folder.
type Fetched struct {
	Name    string
	Mirrors []string // addresses of folders, in the order to try
	Files   []FetchedFile
	Package string // that Debian has it in; or ""
	Classes []string
}

// FetchedFile is one file. The sum is that of the content, however it is compressed.
type FetchedFile struct {
	Name   string // without .gz
	SHA256 string // of the decompressed content
	Size   int64  // of the decompressed content, in bytes
}

// The order of a data set's files.
const (
	trainImages = iota
	trainLabels
	testImages
	testLabels
)

// fetched are the data sets that are found on disk.
var fetched = []Known{fashionMNIST, mnist}

// System is the folder where the operating system's packages put data sets.
const System = "/usr/share/datasets"

// UserFolder is where the user's data sets are.
func UserFolder(v environ.Variables) (string, error) {
	data, err := v.Data()
	if err != nil {
		return "", fmt.Errorf("no folder for data sets: %w; set XDG_DATA_HOME", err)
	}
	return filepath.Join(data, "datasets"), nil
}

// Folders are where a data set is looked for, first match first.
func (f *Fetched) Folders(v environ.Variables) []string {
	var folders []string
	if user, err := UserFolder(v); err == nil {
		folders = append(folders, filepath.Join(user, f.Name))
	}
	return append(folders, filepath.Join(System, f.Name))
}

// Present is [Fetched.Folder] for files with the right sums.
func (f *Fetched) Present(v environ.Variables) (folder string, ok bool) {
	folder, err := f.Folder(v)
	ok = err == nil
	for _, file := range f.Files {
		ok = ok && file.present(folder)
	}
	return folder, ok
}

// Folder is where all files of the data set are. If they are nowhere, the error says how to get them and is
// [fs.ErrNotExist].
func (f *Fetched) Folder(v environ.Variables) (string, error) {
	for _, folder := range f.Folders(v) {
		if _, err := f.in(folder); err == nil {
			return folder, nil
		}
	}
	return "", &MissingError{f, f.Folders(v)}
}

// in returns the paths of the files in a folder, each as such or with .gz.
func (f *Fetched) in(folder string) (paths []string, err error) {
	for _, file := range f.Files {
		path, err := file.in(folder)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (f FetchedFile) in(folder string) (string, error) {
	for _, ending := range []string{".gz", ""} {
		path := filepath.Join(folder, f.Name+ending)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s has neither %s.gz nor %s: %w", folder, f.Name, f.Name, fs.ErrNotExist)
}

// MissingError says that a data set must be fetched first.
type MissingError struct {
	Fetched *Fetched
	Folders []string // that were looked at
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("the files of %s are in none of %s", e.Fetched.Name, strings.Join(e.Folders, ", "))
}

// Remedy says how to get them.
func (e *MissingError) Remedy() string {
	remedy := fmt.Sprintf("run `steepest data fetch %s`", e.Fetched.Name)
	if e.Fetched.Package != "" {
		remedy += fmt.Sprintf(", or install Debian's package %s", e.Fetched.Package)
	}
	return remedy
}

// Is makes it [fs.ErrNotExist].
func (e *MissingError) Is(target error) bool { return target == fs.ErrNotExist }

func (f *Fetched) load(v environ.Variables) (*Dataset, error) {
	folder, err := f.Folder(v)
	if err != nil {
		return nil, err
	}
	paths, err := f.in(folder)
	if err != nil {
		return nil, err
	}
	d, err := Read(Files{Format: "idx", Task: Classification, Features: paths[trainImages], Targets: paths[trainLabels],
		TestFeatures: paths[testImages], TestTargets: paths[testLabels]})
	if err != nil {
		return nil, err
	}
	for i, key := range [...]string{trainImages: "file", trainLabels: "targets", testImages: "test_file",
		testLabels: "test_targets"} {
		if err := f.Files[i].compare(paths[i], d.Content[key]); err != nil {
			return nil, fmt.Errorf("%w; get it anew with `steepest data fetch %s`", err, f.Name)
		}
	}
	if f.Classes != nil {
		d.Classes = f.Classes
	}
	return d, nil
}
