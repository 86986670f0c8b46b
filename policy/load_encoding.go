package policy

import "bytes"

// encoding names the encoding of a text in which every character takes two or four
// bytes; "" for any other. Windows writes such files, with a byte-order mark or
// without; a policy begins with two characters of ASCII, a key or a comment.
func encoding(data []byte) string {
	for _, e := range []struct{ mark, name string }{
		{"\xff\xfe\x00\x00", "UTF-32LE"}, {"\x00\x00\xfe\xff", "UTF-32BE"}, {"\xff\xfe", "UTF-16LE"}, {"\xfe\xff", "UTF-16BE"},
	} {
		if bytes.HasPrefix(data, []byte(e.mark)) {
			return e.name
		}
	}
	if len(data) < 8 {
		return ""
	}
	shape := ""
	for _, b := range data[:8] {
		if b == 0 {
			shape += "0"
		} else {
			shape += "x"
		}
	}
	return map[string]string{"x000x000": "UTF-32LE", "000x000x": "UTF-32BE", "x0x0x0x0": "UTF-16LE", "0x0x0x0x": "UTF-16BE"}[shape]
}
