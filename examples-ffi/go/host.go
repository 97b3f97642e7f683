// Command libwasm-host is a host in Go, through cgo. The environment says where header and library are:
//
//	CGO_CFLAGS=$(pkg-config --cflags libwasm) CGO_LDFLAGS=$(pkg-config --libs libwasm) go run . ../guest.wat
package main

import (
	"fmt"
	"os"
	"runtime"
)

// transform is the host function of the guest's: squares, but not everything.
func transform(number int32) (int32, error) {
	if number > 1000 {
		return 0, fmt.Errorf("%d is too much for Go", number)
	}
	return number * number, nil
}

func run(path string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	host := newHost()
	defer host.close()
	guest, err := host.load(source, transform)
	if err != nil {
		return err
	}
	defer guest.close()

	fmt.Println("a callback")
	sum, err := guest.sum(10)
	if err != nil {
		return err
	}
	fmt.Println("  1 + 4 + ... + 100 =", sum)
	if _, err := guest.sum(2000); err != nil {
		fmt.Println("  trap:", err)
	}

	fmt.Println("WASI")
	output, status, err := guest.start()
	if err != nil {
		return err
	}
	fmt.Print("  ", output)
	fmt.Println("  exit status", status)

	fmt.Println("an error")
	if _, err := host.load([]byte("(module (func (result i32)))"), transform); err != nil {
		fmt.Println(" ", err)
	}
	return nil
}

func main() {
	// The reason of a failure is kept by the thread, so the calls of one host stay on one.
	runtime.LockOSThread()
	path := "../guest.wat"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := run(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
