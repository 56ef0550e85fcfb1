# cardpost: see README.md.  Targets: all check check-asan check-valgrind lint analyze fuzz bench
# coverage demo torture install uninstall dist clean.  BUILD names the output directory, so that
# several builds stand side by side (make BUILD=build-asan SANITIZE=address,undefined).
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
# Library headers are not ours to warn about.
LIB_CFLAGS = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES)))
# libetpan's pkg-config file turns PIE off: plain -letpan (measured on Debian 12).
LIBS      = $(shell pkg-config --libs $(PACKAGES)) -letpan -lmagic
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
archives_of = $(foreach m,$(filter $(BUILT),$(call closure,$1)),$(call archive,$m))
link_archives = -Wl,--start-group $1 -Wl,--end-group

all: $(BUILD)/cardpost

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define module_rule
$(call archive,$1): $(call objects,$1)
	@rm -f $$@
	$$(AR) rcsD $$@ $$^
endef
$(foreach m,$(BUILT),$(eval $(call module_rule,$m)))

# main() is the one object that no test links
$(BUILD)/cardpost: $(BUILD)/src/main.o $(foreach m,$(BUILT),$(call archive,$m))
	$(CC) $(ALL_LDFLAGS) -o $@ $< $(call link_archives,$(filter %.a,$^)) $(LIBS)

# --- unit tests: tests/<module>/*.c make the suite $(BUILD)/tests/<module>
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
SUITES := $(foreach m,$(MODULES),$(if $(wildcard tests/$m/*.c),$m))
CHECK_CFLAGS = $(shell pkg-config --cflags check)
$(BUILD)/tests/%.o: CPPFLAGS += -Itests/support $(CHECK_CFLAGS)
define suite_rule
$(BUILD)/tests/$1/suite: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$1/*.c)) $(SUPPORT_OBJ) $(call archives_of,$1)
	$$(CC) $$(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(call link_archives,$$(filter %.a,$$^)) $$(shell pkg-config --libs check) $$(LIBS)
check-$1: $(BUILD)/tests/$1/suite
	BUILD=$(BUILD) $$<
endef
$(foreach m,$(SUITES),$(eval $(call suite_rule,$m)))

clean:
	rm -rf build build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all clean $(SUITES:%=check-%)
.SECONDARY:
.DELETE_ON_ERROR:
