# End-to-end tests: scripts on the installed program. The lower the number, the more basic.
e2e_tests = tests/e2e/01-words.sh \
    tests/e2e/02-tools.sh \
    tests/e2e/10-run.sh \
    tests/e2e/15-dsl.sh \
    tests/e2e/16-chains.sh \
    tests/e2e/20-patterns.sh \
    tests/e2e/22-catalogue.sh \
    tests/e2e/25-blocking.sh \
    tests/e2e/30-plugins.sh \
    tests/e2e/30-versions.sh \
    tests/e2e/31-find.sh \
    tests/e2e/31-route.sh \
    tests/e2e/32-endings.sh \
    tests/e2e/33-policies.sh \
    tests/e2e/35-conform.sh \
    tests/e2e/36-new-plugin.sh \
    tests/e2e/36-plugin-builds.sh \
    tests/e2e/37-isolated.sh \
    tests/e2e/38-exec.sh \
    tests/e2e/38-matrix.sh \
    tests/e2e/38-sign.sh \
    tests/e2e/39-guide.sh \
    tests/e2e/39-http.sh \
    tests/e2e/39-old-plugins.sh \
    tests/e2e/40-build.sh \
    tests/e2e/50-two-at-once.sh \
    tests/e2e/60-in-doubt.sh \
    tests/e2e/65-signals.sh \
    tests/e2e/66-patterns-live.sh \
    tests/e2e/67-control.sh \
    tests/e2e/68-forks.sh \
    tests/e2e/68-many-signals.sh \
    tests/e2e/69-report.sh \
    tests/e2e/70-store.sh \
    tests/e2e/71-backup.sh \
    tests/e2e/71-coordination.sh \
    tests/e2e/72-patterns-resume.sh \
    tests/e2e/75-runs.sh \
    tests/e2e/76-budgets.sh \
    tests/e2e/76-left-runs.sh \
    tests/e2e/76-retention.sh \
    tests/e2e/77-subworkflows.sh \
    tests/e2e/78-body-variables.sh \
    tests/e2e/78-deployed.sh \
    tests/e2e/79-moved.sh \
    tests/e2e/80-triggers.sh \
    tests/e2e/82-runs-tell.sh \
    tests/e2e/84-eager.sh \
    tests/e2e/84-hot-plug.sh \
    tests/e2e/85-hot-plug-isolated.sh \
    tests/e2e/86-top.sh \
    tests/e2e/87-agent-state.sh \
    tests/e2e/87-life.sh \
    tests/e2e/87-rollout.sh \
    tests/e2e/87-serve.sh
TESTS += $(e2e_tests)
EXTRA_DIST += $(e2e_tests) tests/e2e/lib.sh
