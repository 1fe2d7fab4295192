# What `tdev plugin new` begins a plugin with: what its kind has, and one way to build it.
EXTRA_DIST += sdk/templates/.clang-format
buildtemplatedir = $(pkgdatadir)/sdk-templates/build
dist_buildtemplate_DATA = sdk/templates/build/CMakeLists.txt sdk/templates/build/Makefile \
    sdk/templates/build/Makefile.am sdk/templates/build/configure.ac

agenttemplatedir = $(pkgdatadir)/sdk-templates/agent
dist_agenttemplate_DATA = sdk/templates/agent/README.md sdk/templates/agent/conform.yaml \
    sdk/templates/agent/plugin.c sdk/templates/agent/plugin.yaml sdk/templates/agent/test.c

patterntemplatedir = $(pkgdatadir)/sdk-templates/pattern
dist_patterntemplate_DATA = sdk/templates/pattern/README.md sdk/templates/pattern/conform.yaml \
    sdk/templates/pattern/plugin.c sdk/templates/pattern/plugin.yaml sdk/templates/pattern/test.c

storagetemplatedir = $(pkgdatadir)/sdk-templates/storage
dist_storagetemplate_DATA = sdk/templates/storage/README.md sdk/templates/storage/conform.yaml \
    sdk/templates/storage/plugin.c sdk/templates/storage/plugin.yaml sdk/templates/storage/test.c
