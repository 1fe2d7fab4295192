EXTRA_DIST += docs README.ko.md
