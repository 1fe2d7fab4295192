# What `tdev plugin new` begins a plugin with.
EXTRA_DIST += sdk/templates/.clang-format
agenttemplatedir = $(pkgdatadir)/sdk-templates/agent
dist_agenttemplate_DATA = sdk/templates/agent/Makefile sdk/templates/agent/README.md sdk/templates/agent/conform.yaml \
    sdk/templates/agent/plugin.c sdk/templates/agent/plugin.yaml

patterntemplatedir = $(pkgdatadir)/sdk-templates/pattern
dist_patterntemplate_DATA = sdk/templates/pattern/Makefile sdk/templates/pattern/README.md \
    sdk/templates/pattern/conform.yaml sdk/templates/pattern/plugin.c sdk/templates/pattern/plugin.yaml

storagetemplatedir = $(pkgdatadir)/sdk-templates/storage
dist_storagetemplate_DATA = sdk/templates/storage/Makefile sdk/templates/storage/README.md \
    sdk/templates/storage/conform.yaml sdk/templates/storage/plugin.c sdk/templates/storage/plugin.yaml
