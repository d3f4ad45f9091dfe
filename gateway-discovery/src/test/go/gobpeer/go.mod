module headgate.io/gobpeer

go 1.19
