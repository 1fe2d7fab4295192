# What packages bring besides programs: the unit of the daemon, made for where it is installed.
EXTRA_DIST += packaging/systemd/tdevd.service.in
CLEANFILES += packaging/systemd/tdevd.service
systemddir = $(pkgdatadir)/systemd
nodist_systemd_DATA = packaging/systemd/tdevd.service

packaging/systemd/tdevd.service: packaging/systemd/tdevd.service.in Makefile
	@$(MKDIR_P) packaging/systemd
	@sed -e 's|@bindir[@]|$(bindir)|g' -e 's|@confdir[@]|$(confdir)|g' -e 's|@docdir[@]|$(docdir)|g' $(top_srcdir)/packaging/systemd/tdevd.service.in >$@.tmp && mv $@.tmp $@
