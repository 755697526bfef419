module github.com/tidegate/tidegate/test/windows

go 1.26.0
