module github.com/tidegate/tidegate/test/release

go 1.26.0
