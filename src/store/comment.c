/* comment.c - comments and the attachments they came with. */
#include "store_private.h"

int64_t
comment_add(struct store *store, const struct comment *comment)
{
    query_do(store, SQL_COMMENT_ADD, "ioottitttiio", comment->card_id, comment->parent_id, comment->author_id,
             comment->author_name ? comment->author_name : "",
             comment->author_address ? comment->author_address : "", comment->at,
             comment->text ? comment->text : "", comment->quoted ? comment->quoted : "",
             comment->signature ? comment->signature : "", (int64_t)comment->is_unverified,
             (int64_t)comment->is_internal, comment->input_seq);
    return store_last_id(store);
}

static struct comment *
read_comment(sqlite3_stmt *row)
{
    struct comment *comment = g_new0(struct comment, 1);
    comment->id = column_int(row, 0);
    comment->card_id = column_int(row, 1);
    comment->parent_id = column_int(row, 2);
    comment->author_id = column_int(row, 3);
    comment->author_name = column_text(row, 4);
    comment->author_address = column_text(row, 5);
    comment->at = column_int(row, 6);
    comment->text = column_text(row, 7);
    comment->quoted = column_text(row, 8);
    comment->signature = column_text(row, 9);
    comment->is_unverified = column_bool(row, 10);
    comment->is_internal = column_bool(row, 11);
    comment->input_seq = column_int(row, 12);
    return comment;
}

struct comment *
comment_get(struct store *store, int64_t id)
{
    sqlite3_stmt *row = query(store, SQL_COMMENT_GET, "i", id);
    if (!query_row(store, row))
        return NULL;
    struct comment *comment = read_comment(row);
    query_end(row);
    return comment;
}

static void
destroy_comment(void *comment)
{
    comment_free(comment);
}

GPtrArray *
comment_list(struct store *store, int64_t card_id, guint n)
{
    GPtrArray *comments = g_ptr_array_new_with_free_func(destroy_comment);
    sqlite3_stmt *row = query(store, SQL_COMMENT_LIST, "ii", card_id, (int64_t)n);
    while (query_row(store, row))
        g_ptr_array_add(comments, read_comment(row));
    return comments;
}

void
attachment_add(struct store *store, const struct attachment *attachment)
{
    query_do(store, SQL_ATTACHMENT_ADD, "iiiittttii", attachment->card_id, attachment->comment_id,
             attachment->input_seq, (int64_t)attachment->part, attachment->name, attachment->type,
             attachment->declared_type, attachment->sha256, attachment->size_bytes,
             (int64_t)attachment->is_inline);
}

static struct attachment *
read_attachment(sqlite3_stmt *row)
{
    struct attachment *attachment = g_new0(struct attachment, 1);
    attachment->id = column_int(row, 0);
    attachment->card_id = column_int(row, 1);
    attachment->comment_id = column_int(row, 2);
    attachment->input_seq = column_int(row, 3);
    attachment->part = (uint32_t)column_int(row, 4);
    attachment->name = column_text(row, 5);
    attachment->type = column_text(row, 6);
    attachment->declared_type = column_text(row, 7);
    attachment->sha256 = column_text(row, 8);
    attachment->size_bytes = column_int(row, 9);
    attachment->is_inline = column_bool(row, 10);
    return attachment;
}

static void
destroy_attachment(void *attachment)
{
    attachment_free(attachment);
}

static GPtrArray *
read_attachments(struct store *store, sqlite3_stmt *row)
{
    GPtrArray *attachments = g_ptr_array_new_with_free_func(destroy_attachment);
    while (query_row(store, row))
        g_ptr_array_add(attachments, read_attachment(row));
    return attachments;
}

GPtrArray *
attachment_list(struct store *store, int64_t card_id)
{
    return read_attachments(store, query(store, SQL_ATTACHMENT_OF_CARD, "i", card_id));
}

GPtrArray *
attachment_of_comment(struct store *store, int64_t comment_id)
{
    return read_attachments(store, query(store, SQL_ATTACHMENT_OF_COMMENT, "i", comment_id));
}

struct attachment *
attachment_get(struct store *store, int64_t id)
{
    g_autoptr(GPtrArray) found = read_attachments(store, query(store, SQL_ATTACHMENT_GET, "i", id));
    return found->len > 0 ? g_ptr_array_steal_index(found, 0) : NULL;
}

int64_t
comment_count_of(struct store *store, int64_t card_id, guint n, const char *address, int64_t since)
{
    return query_int(store, SQL_COMMENTS_OF_AUTHOR, "iiti", card_id, (int64_t)n, address, since);
}

int64_t
attachment_bytes_of_card(struct store *store, int64_t card_id)
{
    return query_int(store, SQL_ATTACHMENT_BYTES_OF_CARD, "i", card_id);
}

int64_t
attachment_bytes_of_sender(struct store *store, const char *address, bool is_unverified, int64_t since)
{
    return query_int(store, SQL_ATTACHMENT_BYTES_OF_SENDER, "tii", address, since, (int64_t)is_unverified);
}
