# cardpost: see README.md.  Targets: all check check-MODULE check-asan check-valgrind lint analyze fuzz
# coverage torture bench demo install uninstall dist clean.  BUILD names the output directory, so that several builds
# stand side by side (make BUILD=build-asan SANITIZE=address,undefined).
VERSION := 0.1.0
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
WERROR  ?=
OPTIMIZE ?= -O2 -g
SANITIZE ?=

PACKAGES := glib-2.0 gmime-3.0 gnutls libcurl sqlite3 libconfuse jansson libxml-2.0 libseccomp
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wcast-qual
HARDEN   := -fstack-protector-strong -fPIE
FORTIFY  := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
# Asked at the first use, once, so that a make without the packages (check and demo install them) is quiet.
pkg_config = $(or $(shell pkg-config $1),$(error pkg-config $1 failed: run contrib/install-packages))
# Library headers are not ours to warn about.
LIB_CFLAGS = $(eval LIB_CFLAGS := $$(patsubst -I%,-isystem %,$$(call pkg_config,--cflags $(PACKAGES))))$(LIB_CFLAGS)
# libetpan's pkg-config file turns PIE off: plain -letpan (measured on Debian 12).
LIBS = $(eval LIBS := $$(call pkg_config,--libs $(PACKAGES)) -letpan -lmagic)$(LIBS)
CFLAGS   ?= $(OPTIMIZE)
CPPFLAGS += -Iinclude -D_GNU_SOURCE -DCARDPOST_VERSION='"$(VERSION)"' -DCARDPOST_PREFIX='"$(PREFIX)"'
ALL_CFLAGS = -std=c11 $(CPPFLAGS) $(LIB_CFLAGS) $(WARNINGS) $(WERROR) $(if $(SANITIZE),,$(FORTIFY)) $(HARDEN) $(SANFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed $(SANFLAGS) $(LDFLAGS)

# --- modules, from src/modules: MODULES in level order, USES_<module>
MODULES := $(shell awk '!/^\#/ && NF {print $$2}' src/modules)
$(foreach m,$(MODULES),$(eval USES_$m := $(shell awk '!/^\#/ && $$2=="$m" {for(i=3;i<=NF;i++) print $$i}' src/modules)))
closure = $(sort $1 $(foreach d,$(USES_$1),$(call closure,$d)))
archive = $(BUILD)/lib$1.a
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/$1/*.c))
BUILT   := $(foreach m,$(MODULES),$(if $(wildcard src/$m/*.c),$m))
archives_of = $(foreach m,$(filter $(BUILT),$(sort $(foreach d,$1,$(call closure,$d)))),$(call archive,$m))
link_archives = -Wl,--start-group $1 -Wl,--end-group

all: $(BUILD)/cardpost

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The list of a module's objects changes when a source goes: the archive is made anew then.
define module_rule
$(BUILD)/$1.objects: FORCE
	@mkdir -p $$(@D)
	@echo '$(call objects,$1)' | cmp -s - $$@ || echo '$(call objects,$1)' >$$@
$(call archive,$1): $(call objects,$1) $(BUILD)/$1.objects
	@rm -f $$@
	$$(AR) rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach m,$(BUILT),$(eval $(call module_rule,$m)))

# main() is the one object that no test links
$(BUILD)/cardpost: $(BUILD)/src/main.o $(foreach m,$(BUILT),$(call archive,$m))
	$(CC) $(ALL_LDFLAGS) -o $@ $< $(call link_archives,$(filter %.a,$^)) $(LIBS)

# --- unit tests: tests/<module>/*.c make the suite $(BUILD)/tests/<module>
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
SUITES := $(foreach m,$(MODULES),$(if $(wildcard tests/$m/*.c),$m))
CHECK_CFLAGS = $(eval CHECK_CFLAGS := $$(call pkg_config,--cflags check))$(CHECK_CFLAGS)
CHECK_LIBS = $(eval CHECK_LIBS := $$(call pkg_config,--libs check))$(CHECK_LIBS)
# The time a single test may take, in seconds: only against hanging, never a measure of speed.
export CK_DEFAULT_TIMEOUT ?= 120
$(BUILD)/tests/%.o: CPPFLAGS += -Itests/support $(CHECK_CFLAGS)
# A suite that puts the module together with others of its level or above says so here.
TEST_USES_intake := mime notify
define suite_rule
$(BUILD)/tests/$1/suite: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$1/*.c)) $(SUPPORT_OBJ) $(call archives_of,$1 $(TEST_USES_$1))
	$$(CC) $$(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(call link_archives,$$(filter %.a,$$^)) $$(CHECK_LIBS) $$(LIBS)
check-$1: $(BUILD)/tests/$1/suite
	BUILD=$(BUILD) $$<
endef
$(foreach m,$(SUITES),$(eval $(call suite_rule,$m)))

SUITE_PROGRAMS := $(SUITES:%=$(BUILD)/tests/%/suite)
suites: $(SUITE_PROGRAMS)

# --- all tests; packages first, then make anew, because what is installed now changes the flags
JOBS := $(shell nproc 2>/dev/null || echo 2)
AGAIN = +$(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
packages-%:
	@contrib/install-packages $(subst -, ,$*)

# PARTS: unit (the suites), bats (the command line), e2e (real servers)
PARTS ?= unit bats e2e
check: packages-build-run-test
	@$(AGAIN) all suites
	@BUILD=$(BUILD) tests/run $(PARTS)

check-asan: packages-build-run-test
	$(AGAIN) BUILD=build-asan SANITIZE=address,undefined OPTIMIZE="-O1 -g" check

VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=no --child-silent-after-fork=no --suppressions=contrib/valgrind.supp
# Not daemon, whose processes execute /proc/self/exe, which is valgrind's own program there; not imap, which measures
# its own memory and time. Leaks are check-asan's: a fork of a suite ends with the suite's memory in hand.
check-valgrind: packages-build-run-test-lint
	@$(AGAIN) suites
	@G_SLICE=always-malloc CK_DEFAULT_TIMEOUT=1200 BUILD=$(BUILD) WRAPPER="$(VALGRIND)" WITHOUT="daemon imap" tests/run unit

coverage: packages-build-run-test
	-@$(AGAIN) BUILD=build-coverage OPTIMIZE="-O0 -g --coverage" FORTIFY= LDFLAGS=--coverage check
	@contrib/coverage build-coverage

# --- what a reader of the code would say
OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/*.c) $(foreach m,$(MODULES),$(wildcard src/$m/*.c tests/$m/*.c)) \
             $(wildcard tests/fuzz/*.c)) $(SUPPORT_OBJ)
objects: $(OBJECTS)

WERROR_BUILD = $(MAKE) --no-print-directory -s -k WERROR=-Werror $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
lint: packages-build-test-lint
	+@failed=0; contrib/lint/all || failed=1; \
	$(WERROR_BUILD) BUILD=build-lint/gcc CC=gcc objects || failed=1; \
	$(WERROR_BUILD) BUILD=build-lint/clang CC=clang objects || failed=1; \
	if [ $$failed = 0 ]; then echo "lint: all is well, gcc and clang have no warning"; else echo "lint: FAILED"; fi; exit $$failed

analyze: packages-build-lint
	@contrib/analyze -std=c11 $(CPPFLAGS) $(LIB_CFLAGS)

# --- libFuzzer: tests/fuzz/fuzz_NAME.c, each FUZZ_SECONDS; crashes are kept in build-fuzz/crashes
FUZZ_SECONDS ?= 20
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%.o $(foreach m,$(BUILT),$(call archive,$m))
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(call link_archives,$(filter %.a,$^)) $(LIBS)
fuzzers: $(FUZZERS:%=$(BUILD)/fuzz/%)
fuzz: packages-build-lint
	@$(AGAIN) BUILD=build-fuzz CC=clang OPTIMIZE="-O1 -g" SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@BUILD=build-fuzz tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

# --- SIGKILL at every durable and socket call of one cycle: about 20 minutes (check takes a sample of them)
torture: packages-build-run-test
	@$(AGAIN) all
	@BUILD=$(BUILD) tests/e2e/torture all

# --- how fast, beside two other programs on the same mails: BENCH_MAILS of them
BENCH_MAILS ?= 10000
bench: packages-build-run-test
	@$(AGAIN) all
	@BUILD=$(BUILD) tests/bench/run $(BENCH_MAILS)

# --- how long reading takes: BENCH_FILES are read too
BENCH_FILES ?=
$(BUILD)/tests/bench/parse: $(BUILD)/tests/bench/parse.o $(call archives_of,mime)
	$(CC) $(ALL_LDFLAGS) -o $@ $< $(call link_archives,$(filter %.a,$^)) $(LIBS)
bench-parse: packages-build
	@$(AGAIN) -s $(BUILD)/tests/bench/parse
	@$(BUILD)/tests/bench/parse $(BENCH_FILES)

# --- see it work; without root and sudo the servers are left out and Maildir folders take their place
demo:
	@if [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then contrib/install-packages build run test; \
	else contrib/install-packages build run; fi
	@$(AGAIN) -s all
	@BUILD=$(BUILD) contrib/demo

# --- installation
SHARE = $(DESTDIR)$(PREFIX)/share
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system
INSTALL ?= install
install: all
	$(INSTALL) -D -m 755 $(BUILD)/cardpost $(DESTDIR)$(PREFIX)/bin/cardpost
	cd templates && find . -type f -exec $(INSTALL) -D -m 644 {} $(abspath $(SHARE))/cardpost/templates/{} \;
	$(INSTALL) -D -m 644 -t $(SHARE)/cardpost/teams contrib/teams/*.team
	$(INSTALL) -D -m 644 -t $(SHARE)/man/man1 contrib/man/cardpost.1
	$(INSTALL) -D -m 644 -t $(SHARE)/man/man5 contrib/man/cardpost.conf.5
	$(INSTALL) -D -m 644 -t $(SHARE)/doc/cardpost README.md LICENSE
	$(INSTALL) -d $(UNITS)
	sed 's,/usr/local/bin/,$(PREFIX)/bin/,' contrib/cardpost.service >$(UNITS)/cardpost.service
	chmod 644 $(UNITS)/cardpost.service

uninstall:
	rm -rf $(SHARE)/cardpost $(SHARE)/doc/cardpost
	rm -f $(DESTDIR)$(PREFIX)/bin/cardpost $(SHARE)/man/man1/cardpost.1 $(SHARE)/man/man5/cardpost.conf.5 \
	    $(UNITS)/cardpost.service

dist:
	@mkdir -p $(BUILD)
	git archive --format=tar.gz --prefix=cardpost-$(VERSION)/ -o $(BUILD)/cardpost-$(VERSION).tar.gz HEAD

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
FORCE:
.PHONY: all suites objects fuzzers check check-asan check-valgrind coverage lint analyze fuzz torture bench bench-parse demo install uninstall \
        dist clean FORCE $(SUITES:%=check-%)
.SECONDARY:
.DELETE_ON_ERROR:
