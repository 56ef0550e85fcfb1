/* test_corpus.c - how many public reply cases come out as their projects expect. The cases lie outside
 * the repository ($CARDPOST_CORPUS or ../shared/corpus); without them the test is skipped. With
 * CARDPOST_CORPUS_FAIL set, the cases that fall short are named. */
#include "support.h"

#include <cardpost/text.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

support_case_fn corpus_case;

/* Well under what is reached; sinks only when something breaks. */
#define FLOOR_PERCENT 75

struct score {
    guint right, total;
};

static char *
corpus_path(const char *file)
{
    const char *root = g_getenv("CARDPOST_CORPUS");
    return g_build_filename(root ? root : "../shared/corpus", "replies", file, NULL);
}

static char *
case_file(const char *id, const char *suffix)
{
    g_autofree char *name = g_strconcat(id, suffix, NULL);
    g_autofree char *path = corpus_path(name);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static char *
replace(char *text, const char *pattern, const char *by)
{
    g_autofree char *old = text;
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    return g_regex_replace_literal(regex, old, -1, 0, by, 0, NULL);
}

/* As the corpus says: white space normalised, or left out, or without stars. */
static char *
normal(const char *text, const char *compare)
{
    char *out = replace(g_strdup(text), "\\r\\n?", "\n");
    out = replace(out, "\\x{a0}", " ");
    out = replace(out, "[\\x{200b}\\x{feff}]", "");
    if (strcmp(compare, "nows") == 0) {
        out = replace(out, "^[ \\t]*(?:>[ \\t]?)+", "");
        return replace(out, "\\s+", "");
    }
    if (strcmp(compare, "nomd") == 0)
        out = replace(out, "\\*", "");
    out = replace(out, "[ \\t]+$", "");
    out = replace(out, "\\n{2,}", "\n\n");
    return g_strstrip(out);
}

static bool
is_equal(const char *got, const char *want, const char *compare)
{
    g_autofree char *a = normal(got, compare), *b = normal(want, compare);
    return strcmp(a, b) == 0;
}

static bool
holds(const struct text_parts *parts, json_t *texts, bool wanted)
{
    size_t i;
    json_t *text;
    json_array_foreach(texts, i, text) if ((strstr(parts->reply, json_string_value(text)) != NULL) !=
                                           wanted) return false;
    return true;
}

static bool
meets_asserts(const struct text_parts *parts, const char *id)
{
    g_autofree char *text = case_file(id, ".assert.json");
    json_t *json = json_loads(text ? text : "{}", 0, NULL);
    bool ok = holds(parts, json_object_get(json, "contain"), true) &&
              holds(parts, json_object_get(json, "not_contain"), false);
    json_decref(json);
    return ok;
}

static bool
meets_expected(const struct text_parts *parts, const char *id, json_t *line)
{
    g_autofree char *want = case_file(id, ".expected");
    const char *compare = json_string_value(json_object_get(line, "compare"));
    const char *policy = json_string_value(json_object_get(line, "policy"));
    if (is_equal(parts->reply, want, compare))
        return true;
    if (!policy || strcmp(policy, "signature_kept") != 0)
        return false;
    g_autofree char *near = g_strconcat(parts->reply, "\n", parts->signature, NULL);
    g_autofree char *far = g_strconcat(parts->reply, "\n\n", parts->signature, NULL);
    return is_equal(near, want, compare) || is_equal(far, want, compare);
}

/* The forwarded mail is found with its sender and subject. */
static bool
meets_forward(const struct text_parts *parts, const char *id)
{
    g_autofree char *text = case_file(id, ".forward.json");
    if (!text)
        return true;
    json_t *json = json_loads(text, 0, NULL), *result = json_object_get(json, "result");
    json_t *mail = json_object_get(result, "email");
    const char *address = json_string_value(json_object_get(json_object_get(mail, "from"), "address"));
    const char *subject = json_string_value(json_object_get(mail, "subject"));
    const struct mail_forward *forward = parts->forward ? parts->forward : parts->original;
    bool ok = !json_is_true(json_object_get(result, "forwarded")) ||
              ((!address || (forward && g_ascii_strcasecmp(forward->from.address, address) == 0)) &&
               (!subject || (forward && g_strcmp0(forward->subject, subject) == 0)));
    json_decref(json);
    return ok;
}

static void
run_case(json_t *line, struct score *score)
{
    const char *id = json_string_value(json_object_get(line, "id"));
    const char *kind = json_string_value(json_object_get(line, "kind"));
    const char *basis = json_string_value(json_object_get(line, "basis"));
    const char *task = json_string_value(json_object_get(line, "task"));
    g_autofree char *in = case_file(id, ".in");
    g_autofree char *valid = g_utf8_make_valid(in, -1);
    g_auto(text_parts_t) parts;
    text_read(strcmp(kind, "html") == 0 ? TEXT_HTML : TEXT_PLAIN, valid, strlen(valid), &parts);
    bool ok = strcmp(basis, "assert") == 0 ? meets_asserts(&parts, id) : meets_expected(&parts, id, line);
    ok = ok && (strcmp(task, "forward") != 0 || meets_forward(&parts, id));
    score->right += ok;
    score->total++;
    if (!ok && g_getenv("CARDPOST_CORPUS_FAIL"))
        printf("%s (%s, %s)\n", id, kind, task);
}

static void
print_score(const char *name, const struct score *score)
{
    if (score->total > 0)
        printf("%s: %u of %u, %.1f %%\n", name, score->right, score->total,
               100.0 * score->right / score->total);
}

START_TEST(test_corpus_of_public_replies)
{
    g_autofree char *path = corpus_path("manifest.jsonl");
    g_autofree char *manifest = NULL;
    if (!g_file_get_contents(path, &manifest, NULL, NULL)) {
        printf("skipped: no reply corpus at %s\n", path);
        return;
    }
    struct score all = {0}, text = {0}, html = {0}, chinese = {0}, forward = {0};
    g_auto(GStrv) rows = g_strsplit(manifest, "\n", -1);
    for (guint i = 0; rows[i]; i++) {
        json_t *line = json_loads(rows[i], 0, NULL);
        const char *kind = json_string_value(json_object_get(line, "kind"));
        bool counted = line && strcmp(kind, "eml") != 0 && !json_object_get(line, "dup_of") &&
                       !json_object_get(line, "conflict");
        if (counted) {
            struct score one = {0};
            run_case(line, &one);
            const char *lang = json_string_value(json_object_get(line, "lang"));
            bool is_forward = strcmp(json_string_value(json_object_get(line, "task")), "forward") == 0;
            struct score *scores[] = {&all, strcmp(kind, "html") == 0 ? &html : &text,
                                      g_strcmp0(lang, "zh") == 0 ? &chinese : &all,
                                      is_forward ? &forward : &all};
            for (guint s = 0; s < G_N_ELEMENTS(scores); s++) {
                scores[s]->right += s == 0 || scores[s] != &all ? one.right : 0;
                scores[s]->total += s == 0 || scores[s] != &all ? one.total : 0;
            }
        }
        json_decref(line);
    }
    print_score("all", &all);
    print_score("text", &text);
    print_score("html", &html);
    print_score("Chinese", &chinese);
    print_score("forward", &forward);
    ck_assert_msg(all.right * 100 >= all.total * FLOOR_PERCENT, "only %u of %u", all.right, all.total);
}
END_TEST

TCase *
corpus_case(void)
{
    TCase *tcase = tcase_create("corpus");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_corpus_of_public_replies);
    return tcase;
}
