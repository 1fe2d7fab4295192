# How tests run. Unit tests are programs and may run anywhere; tests/e2e are scripts that get in TDEV the program of a
# fresh installation in BUILD/stage, which finds its plugins and data by itself. Exit 77 is a skip, with the reason.
TEST_EXTENSIONS = .sh
TEST_LIMIT = timeout -k 10 300
LOG_COMPILER = $(TEST_LIMIT)
SH_LOG_COMPILER = $(TEST_LIMIT) $(BASH_PROGRAM)
AM_TESTS_ENVIRONMENT = \
    unset TDEV_CONFIG TDEV_PROFILE TDEV_SERVER TDEV_PLUGIN_PATH TDEV_DATA_DIR; \
    TDEV='$(stage)$(bindir)/tdev'; TDEV_STAGE='$(stage)'; \
    TEST_SRCDIR='$(abs_top_srcdir)'; TEST_BUILDDIR='$(abs_top_builddir)'; \
    PKG_CONFIG='$(PKG_CONFIG)'; CC='$(CC)'; SANITIZE='$(TD_SANITIZE)'; LC_ALL=C.UTF-8; \
    TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/tsan.supp $$TSAN_OPTIONS"; \
    export TSAN_OPTIONS TDEV TDEV_STAGE TEST_SRCDIR TEST_BUILDDIR PKG_CONFIG CC SANITIZE LC_ALL;

TESTS += tests/layers.sh tests/sdk.sh
EXTRA_DIST += tests/tsan.supp tests/layers.sh tests/layers.awk tests/sdk.sh

stage = $(abs_top_builddir)/stage
check_DATA += stage-tree
stage-tree: all-am
	@rm -rf '$(stage)' && $(MKDIR_P) '$(stage)'
	@$(MAKE) $(AM_MAKEFLAGS) install DESTDIR='$(stage)' >'$(stage)/install.log' 2>&1 || \
	    { cat '$(stage)/install.log'; exit 1; }

# A locale that writes 1,5 for one and a half, where the system can make one.
check_DATA += tests/locale/stamp
tests/locale/stamp:
	@$(MKDIR_P) tests/locale
	-@localedef -i de_DE -f UTF-8 tests/locale/de_DE.UTF-8 2>/dev/null
	@touch $@

# Parts of the check, by folder. A sanitizer finds more in the same programs, so it gets the units.
unit_tests = $(filter-out %.sh,$(TESTS))
unit_data = $(filter-out stage-tree,$(check_DATA))
check-unit: $(check_PROGRAMS) $(check_LTLIBRARIES) tdev-runner$(EXEEXT) plugins-tree data-tree
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS check_DATA='$(unit_data)' TESTS='$(unit_tests)'

check-valgrind: $(check_PROGRAMS) $(check_LTLIBRARIES) plugins-tree data-tree
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS check_DATA='$(unit_data)' TESTS='$(unit_tests)' LOG_COMPILER='timeout -k 10 1200 $(VALGRIND) -q \
	    --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect'

# Browser tests: the installed tdev builds apps, and node's own test runner uses them in Chromium, with the packages of
# the lock file, in a copy beside the build. Apps and tdev's state lie outside the folder that is tested.
browser_files = app.test.mjs package.json package-lock.json requests.json \
    lib/app.mjs lib/audit.mjs lib/features.mjs lib/files.mjs lib/keyboard.mjs lib/project.mjs lib/session.mjs
EXTRA_DIST += tests/apps.mjs $(addprefix tests/browser/,$(browser_files))
browser_apps = $(abs_builddir)/browser-apps
check-browser: stage-tree
	@rm -rf browser/lib '$(browser_apps)' && $(MKDIR_P) browser/lib '$(browser_apps)'
	@for file in $(browser_files); do cp "$(top_srcdir)/tests/browser/$$file" "browser/$$file" || exit 1; done
	@cd browser && { cmp -s package-lock.json node_modules/.of || \
	    { $(NPM) ci --no-audit --no-fund && cp package-lock.json node_modules/.of; }; }
	@cd browser && $(AM_TESTS_ENVIRONMENT) \
	    APPS=$$($(NODE) $(abs_top_srcdir)/tests/apps.mjs requests.json '$(browser_apps)') && \
	    APPS="$$APPS" CHROMIUM='$(CHROMIUM)' timeout -k 10 900 $(NODE) --test --test-reporter=tap app.test.mjs

clean-tests:
	rm -rf tests/locale
	rm -rf '$(stage)' browser browser-apps

.PHONY: stage-tree check-unit check-valgrind check-browser clean-tests
