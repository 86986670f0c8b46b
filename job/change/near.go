package change

import "slices"

// Why an entry that went and one that came are probably the same.
const (
	byName = "name" // both state this name
	byUID  = "uid"  // one digit differs, is missing or too many; two are swapped; or the last four differ
)

// likely marks the entries that went and came and are probably one, whose uid
// was mistyped on one of the two sides: each with one other at most.
func likely(found []Change) {
	names, shapes := map[string][]int{}, map[string][]int{}
	for i, x := range found {
		if x.Class != Added {
			continue
		}
		if x.Name != "" {
			names[x.Name] = append(names[x.Name], i)
		}
		for _, s := range slips(x.UID) {
			shapes[s] = append(shapes[s], i)
		}
	}
	taken := map[int]bool{}
	free := func(candidates []int) int {
		return slices.IndexFunc(candidates, func(i int) bool { return !taken[i] })
	}
	for pass := range 2 { // what agrees in both comes first
		for i := range found {
			x := &found[i]
			if x.Class != Removed || x.Near != nil {
				continue
			}
			var near []int
			for _, s := range slips(x.UID) {
				near = append(near, shapes[s]...)
			}
			same := names[x.Name]
			candidates := slices.DeleteFunc(slices.Clone(near), func(j int) bool { return !slices.Contains(same, j) })
			if pass == 1 {
				candidates = append(slices.Clone(same), near...)
			}
			if at := free(candidates); at >= 0 {
				j := candidates[at]
				taken[j] = true
				couple(x, &found[j], slices.Contains(same, j), slices.Contains(near, j))
			}
		}
	}
}

func couple(gone, come *Change, name, uid bool) {
	because := []string{}
	if name {
		because = append(because, byName)
	}
	if uid {
		because = append(because, byUID)
	}
	gone.Near = &Near{UID: come.UID, Because: because}
	come.Near = &Near{UID: gone.UID, Because: because}
}

// shortest is the least number of digits of a uid whose slips say anything:
// those of the service have 18.
const shortest = 8

// slips are the shapes of a uid that one slip of the hand can leave: two uids
// that share one are near. A digit is another, missing or too many; two that
// stand side by side are swapped; or a spreadsheet rounded the last four.
func slips(uid string) []string {
	n := len(uid)
	if n < shortest {
		return nil
	}
	shapes := []string{uid, uid[:n-4] + "????"}
	for i := range n {
		shapes = append(shapes, uid[:i]+"?"+uid[i+1:], uid[:i]+uid[i+1:])
		if i+1 < n && uid[i] < uid[i+1] {
			shapes = append(shapes, uid[:i]+uid[i+1:i+2]+uid[i:i+1]+uid[i+2:])
		}
	}
	slices.Sort(shapes)
	return slices.Compact(shapes)
}
