package dataset

import "strings"

// column is a column of texts, of which equal ones are kept once: a target takes 4 bytes where there are few classes.
type column struct {
	row   []uint32 // which of the texts stands in each row
	texts []string
	seen  map[string]uint32 // the first texts
}

// maxSeen is how many texts are looked for among those seen.
const maxSeen = 1 << 16

func (c *column) add(s string) {
	at, ok := c.seen[s]
	if !ok {
		at = uint32(len(c.texts))
		s = strings.Clone(s)
		c.texts = append(c.texts, s)
		if at < maxSeen {
			if c.seen == nil {
				c.seen = map[string]uint32{}
			}
			c.seen[s] = at
		}
	}
	c.row = append(c.row, at)
}

func (c *column) len() int        { return len(c.row) }
func (c *column) at(i int) string { return c.texts[c.row[i]] }

// bytes is about the memory that it takes.
func (c *column) bytes() int64 { return 4*int64(len(c.row)) + 32*int64(len(c.texts)) }

// append adds the rows of another column.
func (c *column) append(other *column) {
	for i := range other.row {
		c.add(other.at(i))
	}
}
