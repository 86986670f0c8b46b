package browser

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
)

// objects are the numbered parts of a PDF as Chromium writes it: none of them is
// within another.
var objects = regexp.MustCompile(`(?s)\n(\d+) 0 obj\n(.*?)\nendobj`)

// textOf reads a PDF back: what is printed, page by page, without any blank.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	all, fonts := map[string][]byte{}, map[string]map[string]string{}
	for _, m := range objects.FindAllSubmatch(pdf, -1) {
		all[string(m[1])] = m[2]
	}
	for number, object := range all {
		if m := regexp.MustCompile(`/ToUnicode (\d+) 0 R`).FindSubmatch(object); m != nil {
			fonts["F"+number] = lettersOf(inflated(t, all[string(m[1])]))
		}
	}
	var text strings.Builder
	for _, m := range objects.FindAllSubmatch(pdf, -1) {
		if m := regexp.MustCompile(`/Type /Page\n(?s:.*)/Contents (\d+) 0 R`).FindSubmatch(m[2]); m != nil {
			text.WriteString(drawn(inflated(t, all[string(m[1])]), fonts))
		}
	}
	return text.String()
}

// inflated is what is in a part that is a stream.
func inflated(t *testing.T, object []byte) []byte {
	t.Helper()
	_, stream, _ := bytes.Cut(object, []byte("stream\n"))
	r, err := zlib.NewReader(bytes.NewReader(stream))
	must(t, err)
	text, err := io.ReadAll(r)
	must(t, err)
	return text
}

// lettersOf says which letters the numbers of a font's glyphs stand for.
func lettersOf(table []byte) map[string]string {
	letters := map[string]string{}
	for _, m := range regexp.MustCompile(`\n<(\w{4})> (?:<(\w{4})> )?<(\w+)>`).FindAllStringSubmatch(string(table), -1) {
		first, _ := strconv.ParseUint(m[1], 16, 16)
		last, to := first, letter(m[3])
		if m[2] != "" {
			last, _ = strconv.ParseUint(m[2], 16, 16)
		}
		for n := first; n <= last; n++ {
			letters[strings.ToUpper(strconv.FormatUint(n+0x10000, 16)[1:])] = to
			if end := []rune(to); len(end) > 0 {
				end[len(end)-1]++
				to = string(end)
			}
		}
	}
	return letters
}

// letter is a text in UTF-16, in hexadecimal digits.
func letter(digits string) string {
	data, _ := hex.DecodeString(digits)
	var units []uint16
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i])<<8|uint16(data[i+1]))
	}
	return string(utf16.Decode(units))
}

// drawn is the text that a page draws.
func drawn(page []byte, fonts map[string]map[string]string) string {
	var text strings.Builder
	font := ""
	for _, m := range regexp.MustCompile(`/(F\d+) \S+ Tf|<([0-9A-F]+)> Tj`).FindAllStringSubmatch(string(page), -1) {
		if m[1] != "" {
			font = m[1]
		}
		for i := 0; i+4 <= len(m[2]); i += 4 {
			text.WriteString(fonts[font][m[2][i:i+4]])
		}
	}
	return joined(text.String())
}

// joined takes the blanks out of a text, draws no two letters as one, and leaves out
// those for which a machine may have no font: Chinese, Japanese and Korean.
func joined(text string) string {
	text = strings.NewReplacer("\ufb00", "ff", "\ufb01", "fi", "\ufb02", "fl", "\ufb03", "ffi", "\ufb04", "ffl").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r >= 0x2e80 {
			return -1
		}
		return r
	}, text)
}
