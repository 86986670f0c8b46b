package sim

import (
	"net/http"
	"net/url"
	"strconv"
)

// pageInfo is how lists count; the lists of clusters call it page_info, the two states lists call it page [DOC].
type pageInfo struct {
	PageNumber int `json:"page_number"`
	PageSize   int `json:"page_size"`
	TotalCount int `json:"total_count"`
}

// page reads the page that is asked for. The parameters differ in style from list to list [DOC], hence the names.
func page(params url.Values, number, size string, def, low, high int) (pageInfo, *answer) {
	p := pageInfo{PageNumber: 1, PageSize: def}
	for _, field := range []struct {
		name      string
		into      *int
		low, high int
	}{{number, &p.PageNumber, 1, 1 << 30}, {size, &p.PageSize, low, high}} {
		text := params.Get(field.name)
		if text == "" {
			continue
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < field.low || value > field.high {
			return p, refuse(http.StatusBadRequest, "InvalidParameter."+field.name, "%s must be from %d to %d", field.name, field.low, field.high)
		}
		*field.into = value
	}
	return p, nil
}

// cut returns the rows of a page and notes how many there are in all. Past the end a page is empty.
func cut[Row any](rows []Row, p *pageInfo) []Row {
	p.TotalCount = len(rows)
	from := min((p.PageNumber-1)*p.PageSize, len(rows))
	return append([]Row{}, rows[from:min(from+p.PageSize, len(rows))]...)
}
