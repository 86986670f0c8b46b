package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	toSeven  = regexp.MustCompile(`(?i)^(?:(0*[0-7]|sun|mon|tue|wed|thu|fri|sat)-)?0*7(?:/([0-9]+))?$`)
	weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// sevenIsSunday is the expression with each 7 among the days of the week
// written as a 0. Every crontab takes both for Sunday, and robfig/cron refuses
// the 7: so what has one is spelled out here, before that parser sees it, and
// everything else is left as it is, for that parser to take or to refuse.
func sevenIsSunday(expression string) (string, error) {
	fields := strings.Fields(expression)
	week := 4
	if strings.HasPrefix(expression, "TZ=") || strings.HasPrefix(expression, "CRON_TZ=") {
		week++
	}
	if len(fields) != week+1 {
		return expression, nil
	}
	items := strings.Split(fields[week], ",")
	for i, item := range items {
		spelled, err := spellOut(item)
		if err != nil {
			return "", err
		}
		items[i] = spelled
	}
	fields[week] = strings.Join(items, ",")
	return strings.Join(fields, " "), nil
}

// spellOut names the days of 7, 5-7, MON-7 or 1-7/2 one by one, 0 for Sunday.
// As to the parser, a step without a range counts from its day to the end of
// the week; from 7 that is Sunday alone.
func spellOut(item string) (string, error) {
	found := toSeven.FindStringSubmatch(item)
	if found == nil {
		return item, nil
	}
	first, step := 7, 1
	if found[1] != "" {
		first = weekday(found[1])
	}
	if found[2] != "" {
		n, err := strconv.Atoi(found[2])
		if err != nil || n == 0 {
			return "", fmt.Errorf("step of range should be a positive number: %s", item)
		}
		step = min(n, 8)
	}
	var days []string
	for day := first; day <= 7; day += step {
		days = append(days, strconv.Itoa(day%7))
	}
	return strings.Join(days, ","), nil
}

// weekday is the number of a day that toSeven has found: 0 to 7, or a name.
func weekday(text string) int {
	for i, name := range weekdays {
		if strings.EqualFold(text, name) {
			return i
		}
	}
	n, _ := strconv.Atoi(text)
	return n
}
