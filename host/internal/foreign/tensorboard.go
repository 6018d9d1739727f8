package foreign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/tfevents"
)

// ReadTensorBoard reads the event files in a folder and in those in it: each folder that has some is a run, and every scalar in them is a
// quantity, by its tag. Files of one run follow each other in the order of their names; one that begins at a step which was there goes on
// from it, as TensorBoard shows it.
func ReadTensorBoard(ctx context.Context, dir string, names map[string]string) ([]*Curve, error) {
	folders := map[string][]string{} // event files
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), "tfevents") {
			folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], path)
		}
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return nil, err
	}
	var all []*Curve
	tags := map[string]bool{}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		c, err := readEvents(ctx, folder, folders[folder])
		if err != nil {
			return nil, err
		}
		if len(c.Points) == 0 {
			continue // such as the folder of its graph
		}
		if c.Name = filepath.Base(folder); folder != filepath.Clean(dir) {
			if c.Name, err = filepath.Rel(dir, folder); err != nil {
				return nil, err
			}
		}
		for _, tag := range c.Quantities {
			tags[tag] = true
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there are no scalars in event files (*tfevents*) in it or in a folder in it", dir)
	}
	if _, err := rename(slices.Sorted(maps.Keys(tags)), names, "tag"); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	for _, c := range all {
		if err := c.rename(names); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// event is where and when a value was.
type event struct {
	value, seconds float64
}

// readEvents reads the event files of a run. Its quantities are the tags.
func readEvents(ctx context.Context, folder string, files []string) (*Curve, error) {
	c := &Curve{Format: "tensorboard", File: folder}
	sum := sha256.New()
	tags := map[string]map[int]event{}
	first := math.Inf(1)
	count := 0
	for _, file := range slices.Sorted(slices.Values(files)) {
		last := map[string]int{} // step of each tag in this file
		err := c.readFile(file, sum, func(s tfevents.Scalar) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if count++; count > mostCells {
				return fmt.Errorf("there are more than %d values", mostCells)
			}
			step := int(s.Step)
			before, again := last[s.Tag]
			switch {
			case s.Step < 0 || s.Step > 1<<53:
				return fmt.Errorf("the tag %q has a value at step %d, which is none", s.Tag, s.Step)
			case again && step == before:
				return fmt.Errorf("the tag %q has two values at step %d; was it written without a step?", s.Tag, step)
			case again && step < before:
				return fmt.Errorf("the tag %q has step %d after step %d; a folder holds one run, and its steps ascend", s.Tag, step, before)
			case !(s.Seconds >= 0 && s.Seconds < 1e11):
				return fmt.Errorf("the tag %q has a value at the time %v, which is none", s.Tag, s.Seconds)
			}
			if tags[s.Tag] == nil {
				tags[s.Tag] = map[int]event{}
			}
			if !again { // the file begins here with the tag
				maps.DeleteFunc(tags[s.Tag], func(k int, _ event) bool { return k >= step })
			}
			tags[s.Tag][step], last[s.Tag] = event{s.Value, s.Seconds}, step
			first = min(first, s.Seconds)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	c.SHA256 = hex.EncodeToString(sum.Sum(nil))
	c.collect(tags, first)
	return c, nil
}

// readFile reads one event file. One that ends within a record is read as far as it goes, and that is noted.
func (c *Curve) readFile(file string, sum hash.Hash, visit func(tfevents.Scalar) error) error {
	f, size, err := regular.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	in := io.TeeReader(io.LimitReader(f, size), sum) // a program may go on writing
	c.Bytes += size
	err = tfevents.Read(in, visit)
	if errors.Is(err, tfevents.ErrCut) {
		c.Notes = append(c.Notes, fmt.Sprintf("%s: %v: does a program write it? What is before that was taken", file, err))
		_, err = io.Copy(io.Discard, in)
	}
	return err
}

// collect makes points of what the tags have.
func (c *Curve) collect(tags map[string]map[int]event, first float64) {
	c.Quantities = slices.Sorted(maps.Keys(tags))
	places := map[int]int{}
	for i, tag := range c.Quantities {
		for step, e := range tags[tag] {
			at, known := places[step]
			if !known {
				at = len(c.Points)
				places[step] = at
				c.Points = append(c.Points, Point{Step: step, Values: make([]record.Value, len(tags))})
			}
			p := &c.Points[at]
			p.Values[i] = record.Measured(e.value)
			p.Wall = max(p.Wall, time.Duration((e.seconds-first)*float64(time.Second)))
		}
	}
	slices.SortFunc(c.Points, func(a, b Point) int { return cmp.Compare(a.Step, b.Step) })
	if len(c.Points) > 0 {
		whole, part := math.Modf(first)
		c.Began = time.Unix(int64(whole), int64(part*1e9)).UTC()
	}
}

// rename gives the tags the names of quantities, and leaves out what has none.
func (c *Curve) rename(names map[string]string) error {
	own := maps.Clone(names)
	maps.DeleteFunc(own, func(tag, _ string) bool { return !slices.Contains(c.Quantities, tag) })
	renamed, err := rename(c.Quantities, own, "tag")
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	c.Names = own
	var kept []int
	tags := c.Quantities
	c.Quantities = nil
	for i, name := range renamed {
		switch name {
		case stepColumn, epochColumn, wallColumn:
			if own[tags[i]] != "" {
				return fmt.Errorf("%s: a tag cannot be the %s, which each value has of its own; leave it out with --map %s=", c.File, name, tags[i])
			}
			c.Notes = append(c.Notes, fmt.Sprintf("%s: the tag %s is left out", c.File, tags[i])) // PyTorch Lightning writes one
		case "":
		default:
			kept, c.Quantities = append(kept, i), append(c.Quantities, name)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("%s: no tag is left; the tags are %s", c.File, strings.Join(tags, ", "))
	}
	points := c.Points[:0]
	for _, p := range c.Points {
		values, any := make([]record.Value, len(kept)), false
		for k, i := range kept {
			x, measured := p.Values[i].Get()
			if values[k] = p.Values[i]; !measured {
				continue
			}
			any = true
			if err := check(c.Quantities[k], x); err != nil {
				return fmt.Errorf("%s: step %d: %w", c.File, p.Step, err)
			}
		}
		if p.Values = values; any {
			points = append(points, p)
		}
	}
	c.Points = points
	c.finish("tag")
	return nil
}
