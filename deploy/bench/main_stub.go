package main

func (b *bench) plan() error       { return nil }
func (b *bench) commands() error   { return nil }
func (b *bench) bulk() error       { return nil }
func (b *bench) rate() error       { return nil }
func (b *bench) accounts() error   { return nil }
func (b *bench) comparison() error { return nil }
