package cli

// answer is what a command prints on standard output, which gets nothing else.
type answer interface {
	Encode() ([]byte, error)
}

// print writes an answer as JSON.
func (p Program) print(a answer) error {
	data, err := a.Encode()
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(data)
	return err
}
