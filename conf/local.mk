# Shipped data is read-only and goes to $(pkgdatadir); what an administrator edits goes to $(sysconfdir)/tdev, where an
# installation never writes over a file that is there: the shipped one is then put beside it with .default.
# Folders are named, not files: a component of the catalogue is added by adding its folder.
conf_data_folders = agents catalogue models policies schema templates workflows
conf_user_files = compat.yaml tdevd.yaml profiles/dev.yaml profiles/prod.yaml

EXTRA_DIST += $(wildcard $(patsubst %,$(top_srcdir)/conf/%,$(conf_data_folders)))
EXTRA_DIST += $(patsubst %,conf/%,$(conf_user_files))

install-data-local: install-conf-data install-conf-user
uninstall-local: uninstall-conf

install-conf-data:
	@cd $(top_srcdir)/conf && for folder in $(conf_data_folders); do \
	    test ! -d $$folder || find $$folder -type f; \
	done | while read -r file; do \
	    $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/$${file%/*}" && \
	    $(INSTALL_DATA) "$$file" "$(DESTDIR)$(pkgdatadir)/$$file" || exit 1; \
	done

install-conf-user:
	@for file in $(conf_user_files); do \
	    to="$(DESTDIR)$(confdir)/$$file"; $(MKDIR_P) "$${to%/*}" || exit 1; \
	    if test -f "$$to" && ! cmp -s "$(top_srcdir)/conf/$$file" "$$to"; then to="$$to.default"; fi; \
	    $(INSTALL_DATA) "$(top_srcdir)/conf/$$file" "$$to" || exit 1; \
	done

# An edited file stays.
uninstall-conf:
	rm -rf "$(DESTDIR)$(pkgdatadir)"
	@for file in $(conf_user_files); do \
	    to="$(DESTDIR)$(confdir)/$$file"; rm -f "$$to.default"; \
	    if cmp -s "$(top_srcdir)/conf/$$file" "$$to"; then rm -f "$$to"; fi; \
	done

.PHONY: install-conf-data install-conf-user uninstall-conf
