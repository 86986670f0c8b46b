package revision

import (
	"os"
	"path/filepath"
	"strings"
)

// repositoryOf is git in the folder that a path is looked up from, and the way from
// there. A path below the working folder is one of that folder's repository, if it
// lies in one: whoever proposes a change also writes links, submodules and what
// looks like a repository of its own, and none of them may choose what a file is
// compared with.
func (g repository) repositoryOf(path string) (from repository, rest string, err error) {
	from = g
	if filepath.IsLocal(path) {
		if from.folder = "."; from.known() {
			return from, filepath.ToSlash(filepath.Clean(path)), nil
		}
	}
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		from.folder = filepath.Dir(folder)
		if info, err := os.Lstat(folder); err == nil && info.Mode()&os.ModeSymlink != 0 && from.known() {
			return from, "", failure("name the file where it lies", "%s is a symbolic link, so a revision has nothing in it", folder)
		}
		if from.folder == folder {
			break
		}
	}
	from.folder, rest = folderOf(path)
	if said, err := from.run("rev-parse", "--git-dir"); err != nil {
		return from, "", from.failed(err, said, "give the path of a file in a clone of the repository",
			"%s lies in no git repository that can be read", path)
	}
	return from, rest, nil
}

// known reports whether the folder lies in a repository.
func (g repository) known() bool {
	_, err := g.run("rev-parse", "--git-dir")
	return err == nil
}

// absent is why a revision has not what lies at a path: [ErrAbsent] where the path
// leads through folders alone, as far as there are any.
func (g repository) absent(commit, rest, rev, path string) error {
	for folder := filepath.ToSlash(filepath.Dir(rest)); folder != "." && !strings.HasPrefix(folder, ".."); folder = filepath.Dir(folder) {
		row, err := g.run("ls-tree", "-z", commit, "--", "./"+folder)
		if fields := strings.Fields(row); err == nil && len(fields) > 1 && fields[1] != "tree" {
			return failure("name the file where it lies, from a folder of its own repository", "in revision %q, %s is no folder", rev, folder)
		}
	}
	inner := g
	inner.folder, _ = folderOf(path)
	here, err := g.run("rev-parse", "--show-toplevel")
	if err != nil {
		return ErrAbsent // it has no files to be looked at
	}
	if there, err := inner.run("rev-parse", "--show-toplevel"); err == nil && here != there {
		return failure("change to a folder of that one first", "%s lies in another git repository than the working folder", path)
	}
	return ErrAbsent
}
