package figure

import (
	"encoding/binary"
	"errors"
	"slices"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
)

// subset is the face (0 regular, 1 bold) with no other letters than these, as a TrueType font without hints (Microsoft,
// "OpenType specification 1.9.1", chapter "The OpenType font file"). The whole face would be 400 KB in each figure.
func subset(index int, letters []rune) ([]byte, error) {
	letters = slices.Compact(slices.Sorted(slices.Values(letters))) // groups of a cmap are in order
	source := [][]byte{liberationsansregular.TTF, liberationsansbold.TTF}[index]
	tables, err := fontTables(source)
	if err != nil {
		return nil, err
	}
	var buffer sfnt.Buffer
	old := []uint16{0} // glyph numbers in the source by glyph numbers here
	renumbered := map[uint16]uint16{0: 0}
	number := func(glyph uint16) uint16 {
		if _, is := renumbered[glyph]; !is {
			renumbered[glyph] = uint16(len(old))
			old = append(old, glyph)
		}
		return renumbered[glyph]
	}
	var mapping []byte // of letters to glyphs: groups of a cmap of format 12
	groups := uint32(0)
	for _, r := range letters {
		if glyph, err := faces()[index].Face.GlyphIndex(&buffer, r); err == nil && glyph != 0 {
			for _, v := range []uint32{uint32(r), uint32(r), uint32(number(uint16(glyph)))} {
				mapping = binary.BigEndian.AppendUint32(mapping, v)
			}
			groups++
		}
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(old); i++ { // components of glyphs are appended meanwhile
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, bare(tables.glyph(old[i]), number)...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = append(hmtx, tables.metric(old[i])...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	cmap := []byte{0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0}
	for _, v := range []uint32{16 + uint32(len(mapping)), 0, groups} {
		cmap = binary.BigEndian.AppendUint32(cmap, v)
	}
	head := slices.Clone(tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // loca has long offsets
	hhea := slices.Clone(tables["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(old)))
	maxp := slices.Clone(tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(old)))
	post := append([]byte{0, 3, 0, 0}, tables["post"][4:32]...)
	return assembled(fontFile{"OS/2": tables["OS/2"], "cmap": append(cmap, mapping...), "glyf": glyf, "head": head, "hhea": hhea,
		"hmtx": hmtx, "loca": loca, "maxp": maxp, "name": tables["name"], "post": post}), nil
}

// fontFile are the tables of a font by their tags.
type fontFile map[string][]byte

func fontTables(source []byte) (fontFile, error) {
	tables := fontFile{}
	for i := range int(binary.BigEndian.Uint16(source[4:])) {
		entry := source[12+16*i:]
		offset, length := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		tables[string(entry[:4])] = source[offset : offset+length]
	}
	for _, tag := range []string{"OS/2", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"} {
		if tables[tag] == nil {
			return nil, errors.New("the font has no table " + tag)
		}
	}
	return tables, nil
}

func (t fontFile) glyph(number uint16) []byte {
	loca := t["loca"]
	if binary.BigEndian.Uint16(t["head"][50:]) == 0 { // loca has short offsets, halved
		short := func(i int) int { return 2 * int(binary.BigEndian.Uint16(loca[2*i:])) }
		return t["glyf"][short(int(number)):short(int(number)+1)]
	}
	return t["glyf"][binary.BigEndian.Uint32(loca[4*int(number):]):binary.BigEndian.Uint32(loca[4*int(number)+4:])]
}

// metric is the advance width of a glyph and its left side bearing.
func (t fontFile) metric(number uint16) []byte {
	long := int(binary.BigEndian.Uint16(t["hhea"][34:]))
	if int(number) < long {
		return t["hmtx"][4*int(number) : 4*int(number)+4]
	}
	return append(slices.Clone(t["hmtx"][4*long-4:4*long-2]), t["hmtx"][4*long+2*(int(number)-long):][:2]...)
}

// bare is a glyph without hints, its components numbered anew.
func bare(glyph []byte, number func(uint16) uint16) []byte {
	if len(glyph) == 0 {
		return nil
	}
	if contours := int16(binary.BigEndian.Uint16(glyph)); contours >= 0 {
		hints := 10 + 2*int(contours)
		length := int(binary.BigEndian.Uint16(glyph[hints:]))
		plain := append(slices.Clone(glyph[:hints]), 0, 0)
		return append(plain, glyph[hints+2+length:]...)
	}
	composite := slices.Clone(glyph)
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(composite[at:])
		binary.BigEndian.PutUint16(composite[at:], flags&^0x100) // no hints
		binary.BigEndian.PutUint16(composite[at+2:], number(binary.BigEndian.Uint16(composite[at+2:])))
		size := 6
		if flags&1 != 0 { // arguments are words
			size += 2
		}
		switch {
		case flags&8 != 0: // one scale
			size += 2
		case flags&0x40 != 0: // two
			size += 4
		case flags&0x80 != 0: // a matrix
			size += 8
		}
		at += size
		if flags&0x20 == 0 { // no more components
			return composite[:at]
		}
	}
}

// assembled is the font of the tables.
func assembled(tables fontFile) []byte {
	tags := make([]string, 0, len(tables))
	for tag := range tables {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	n := len(tags)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	font := []byte{0, 1, 0, 0}
	for _, v := range []int{n, 16 * power, log, 16 * (n - power)} {
		font = binary.BigEndian.AppendUint16(font, uint16(v))
	}
	var body []byte
	for _, tag := range tags {
		data := tables[tag]
		if tag == "head" {
			data = slices.Clone(data)
			binary.BigEndian.PutUint32(data[8:], 0)
		}
		font = append(font, tag...)
		for _, v := range []uint32{checksum(data), uint32(12 + 16*n + len(body)), uint32(len(data))} {
			font = binary.BigEndian.AppendUint32(font, v)
		}
		body = append(body, data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(font, body...)
}

// checksum adds up the words of a table.
func checksum(data []byte) (sum uint32) {
	for len(data)%4 != 0 {
		data = append(slices.Clip(data), 0)
	}
	for i := 0; i < len(data); i += 4 {
		sum += binary.BigEndian.Uint32(data[i:])
	}
	return sum
}
