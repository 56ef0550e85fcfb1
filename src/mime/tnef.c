/* tnef.c - walks the attributes of a TNEF stream and the MAPI properties in two of them. Copies no content.
 * Linear, no recursion; every length is held against what is left. */
#include "tnef.h"

#include "charset.h"

#include <cardpost/caps.h>

#include <string.h>

#define SIGNATURE 0x223e9f78

enum attribute {
    ATTRIBUTE_CODEPAGE = 0x00069007,
    ATTRIBUTE_MESSAGE = 0x00069003,   /* MAPI properties of the mail */
    ATTRIBUTE_NEW_FILE = 0x00069002,  /* begins each file */
    ATTRIBUTE_FILE_NAME = 0x00018010, /* short */
    ATTRIBUTE_FILE_DATA = 0x0006800f,
    ATTRIBUTE_FILE = 0x00069005, /* MAPI properties of the file */
};

enum property {
    PROPERTY_BODY = 0x1000,
    PROPERTY_HTML = 0x1013,
    PROPERTY_DISPLAY_NAME = 0x3001,
    PROPERTY_DATA = 0x3701, /* an object: an identifier of 16 bytes and a TNEF stream */
    PROPERTY_LONG_NAME = 0x3707,
    PROPERTY_TYPE = 0x370e,
};

#define TYPE_OBJECT  0x0d
#define TYPE_STRING  0x1e
#define TYPE_UNICODE 0x1f
#define TYPE_BINARY  0x102
#define MULTIPLE     0x1000
#define OBJECT_ID    16
#define TYPE_TNEF    "application/ms-tnef"

/* Bytes that are left; after a read beyond the end nothing is, and is_short. */
struct cursor {
    const guint8 *at, *end;
    bool is_short;
};

struct value {
    guint type, id;
    const guint8 *bytes;
    gsize len;
};

struct reader {
    struct tnef *tnef;
    struct tnef_file *file; /* the last one, or NULL */
    const guint8 *begin;
    char charset[16]; /* of 8-bit strings */
    bool has_long_name;
};

static void
file_free(struct tnef_file *file)
{
    g_free(file->name);
    g_free(file->type);
    g_free(file);
}

void
tnef_clear(struct tnef *tnef)
{
    if (tnef->files)
        g_ptr_array_unref(tnef->files);
    g_free(tnef->text_type);
    *tnef = (struct tnef){.files = NULL};
}

static const guint8 *
take(struct cursor *cursor, gsize len)
{
    const guint8 *at = cursor->at;
    if (len > (gsize)(cursor->end - at)) {
        cursor->is_short = true;
        cursor->at = cursor->end;
        return NULL;
    }
    cursor->at += len;
    return at;
}

static guint32
take_u32(struct cursor *cursor)
{
    const guint8 *p = take(cursor, 4);
    return p ? (guint32)p[0] | (guint32)p[1] << 8 | (guint32)p[2] << 16 | (guint32)p[3] << 24 : 0;
}

static guint
take_u16(struct cursor *cursor)
{
    const guint8 *p = take(cursor, 2);
    return p ? (guint)p[0] | (guint)p[1] << 8 : 0;
}

/* Skips to a multiple of four; at the very end the padding may be missing. */
static void
take_padding(struct cursor *cursor, gsize len)
{
    gsize padding = (4 - len % 4) % 4;
    cursor->at += MIN(padding, (gsize)(cursor->end - cursor->at));
}

static bool
is_variable(guint type)
{
    return type == TYPE_OBJECT || type == TYPE_STRING || type == TYPE_UNICODE || type == TYPE_BINARY;
}

static gsize
fixed_size(guint type)
{
    switch (type) {
    case 0x05: /* double, currency, time of an application, 64 bits, time */
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48: /* GUID */
        return 16;
    default:
        return 4;
    }
}

/* A property named by a GUID and a number or a string: the name is passed over. */
static void
skip_name(struct cursor *cursor)
{
    take(cursor, 16);
    if (take_u32(cursor) == 0) {
        take(cursor, 4);
        return;
    }
    gsize len = take_u32(cursor);
    take(cursor, len);
    take_padding(cursor, len);
}

/* One property; of several values the first. */
static struct value
take_value(struct cursor *cursor)
{
    guint type = take_u16(cursor);
    struct value value = {.type = type & ~(guint)MULTIPLE, .id = take_u16(cursor)};
    if (value.id >= 0x8000)
        skip_name(cursor);
    gsize n = (type & MULTIPLE) || is_variable(value.type) ? take_u32(cursor) : 1;
    for (gsize i = 0; i < n && !cursor->is_short; i++) {
        gsize len = is_variable(value.type) ? take_u32(cursor) : fixed_size(value.type);
        const guint8 *bytes = take(cursor, len);
        take_padding(cursor, len);
        if (i == 0 && bytes) {
            value.bytes = bytes;
            value.len = len;
        }
    }
    return value;
}

static char *
text_of(const struct reader *reader, const struct value *value)
{
    const char *charset = value->type == TYPE_UNICODE ? "utf-16le" : reader->charset;
    return charset_to_utf8(charset, value->bytes, value->len, NULL);
}

static void
set_name(struct reader *reader, const struct value *value, bool is_long)
{
    if (reader->has_long_name && !is_long)
        return;
    g_free(reader->file->name);
    reader->file->name = text_of(reader, value);
    reader->has_long_name = is_long;
}

static void
read_file_property(struct reader *reader, const struct value *value)
{
    struct tnef_file *file = reader->file;
    bool is_text = value->type == TYPE_STRING || value->type == TYPE_UNICODE;
    if (is_text && value->id == PROPERTY_LONG_NAME) {
        set_name(reader, value, true);
    } else if (is_text && value->id == PROPERTY_DISPLAY_NAME) {
        set_name(reader, value, false);
    } else if (is_text && value->id == PROPERTY_TYPE) {
        g_free(file->type);
        file->type = text_of(reader, value);
    } else if (value->type == TYPE_OBJECT && value->id == PROPERTY_DATA && value->len > OBJECT_ID) {
        file->at = (gsize)(value->bytes - reader->begin) + OBJECT_ID;
        file->len = value->len - OBJECT_ID;
        g_free(file->type);
        file->type = g_strdup(TYPE_TNEF);
    }
}

static void
read_mail_property(struct reader *reader, const struct value *value)
{
    struct tnef *tnef = reader->tnef;
    bool is_text = value->type == TYPE_STRING || value->type == TYPE_UNICODE;
    bool is_plain = value->id == PROPERTY_BODY && is_text;
    bool is_html = value->id == PROPERTY_HTML && (is_text || value->type == TYPE_BINARY);
    if ((!is_plain && !is_html) || (is_html && tnef->text_type))
        return;
    const char *charset = value->type == TYPE_UNICODE  ? "; charset=utf-16le"
                          : value->type == TYPE_BINARY ? ""
                                                       : "; charset=";
    const char *name = value->type == TYPE_STRING ? reader->charset : "";
    g_free(tnef->text_type);
    tnef->text_type = g_strconcat(is_html ? "text/html" : "text/plain", charset, name, NULL);
    tnef->text_at = (gsize)(value->bytes - reader->begin);
    tnef->text_len = value->len;
}

static void
read_properties(struct reader *reader, const guint8 *bytes, gsize len, bool is_file)
{
    struct cursor cursor = {.at = bytes, .end = bytes + len};
    guint32 n = take_u32(&cursor);
    for (guint32 i = 0; i < n && !cursor.is_short; i++) {
        struct value value = take_value(&cursor);
        if (value.bytes && is_file)
            read_file_property(reader, &value);
        else if (value.bytes)
            read_mail_property(reader, &value);
    }
}

static void
begin_file(struct reader *reader)
{
    reader->file = g_new0(struct tnef_file, 1);
    reader->file->type = g_strdup("application/octet-stream");
    reader->has_long_name = false;
    g_ptr_array_add(reader->tnef->files, reader->file);
}

static void
read_attribute(struct reader *reader, guint32 id, const guint8 *bytes, gsize len)
{
    struct value name = {.type = TYPE_STRING, .bytes = bytes, .len = len};
    if (id == ATTRIBUTE_CODEPAGE && len >= 4)
        g_snprintf(reader->charset, sizeof reader->charset, "cp%u", (guint)bytes[0] | (guint)bytes[1] << 8);
    else if (id == ATTRIBUTE_MESSAGE)
        read_properties(reader, bytes, len, false);
    else if (id == ATTRIBUTE_NEW_FILE)
        begin_file(reader);
    else if (reader->file && id == ATTRIBUTE_FILE_NAME)
        set_name(reader, &name, false);
    else if (reader->file && id == ATTRIBUTE_FILE)
        read_properties(reader, bytes, len, true);
    /* beside an attached mail it is only a note for readers who do not know of those */
    if (id == ATTRIBUTE_FILE_DATA && reader->file && strcmp(reader->file->type, TYPE_TNEF) != 0) {
        reader->file->at = (gsize)(bytes - reader->begin);
        reader->file->len = len;
    }
}

bool
tnef_read(const guint8 *bytes, gsize len, struct tnef *out)
{
    *out = (struct tnef){.files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free)};
    if (len == 0)
        return false;
    struct cursor cursor = {.at = bytes, .end = bytes + len};
    struct reader reader = {.tnef = out, .begin = bytes, .charset = "cp1252"};
    if (take_u32(&cursor) != SIGNATURE)
        return false;
    take_u16(&cursor); /* a key that means nothing to us */
    while (cursor.at < cursor.end && !cursor.is_short && out->files->len <= CAP_MIME_PARTS) {
        take(&cursor, 1); /* of the mail or of a file: the attribute says it too */
        guint32 id = take_u32(&cursor);
        gsize size = take_u32(&cursor);
        const guint8 *content = take(&cursor, size);
        if (content)
            read_attribute(&reader, id, content, size);
        take_u16(&cursor); /* checksum */
    }
    return !cursor.is_short;
}
