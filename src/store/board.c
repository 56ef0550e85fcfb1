/* board.c - boards and their columns. */
#include "store_private.h"

#include <cardpost/clean.h>

static void
read_columns(struct store *store, struct board *board)
{
    sqlite3_stmt *row = query(store, SQL_COLUMN_LIST, "i", board->id);
    while (query_row(store, row)) {
        struct column *column = g_new0(struct column, 1);
        column->id = column_int(row, 0);
        column->key = column_text(row, 1);
        column->name = column_text(row, 2);
        column->name_zh = column_text(row, 3);
        if (!column_kind_from_name((const char *)sqlite3_column_text(row, 4), &column->kind))
            store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: column: unknown kind");
        column->owner_id = column_int(row, 5);
        g_ptr_array_add(board->columns, column);
    }
}

struct board *
board_get(struct store *store, int64_t id)
{
    sqlite3_stmt *row = query(store, SQL_BOARD_GET, "i", id);
    if (!query_row(store, row))
        return NULL;
    struct board *board = board_new();
    board->id = column_int(row, 0);
    board->key = column_text(row, 1);
    board->name = column_text(row, 2);
    board->name_zh = column_text(row, 3);
    board->public_name = column_text(row, 4);
    board->alias = column_text(row, 5);
    if (!board_intake_from_name((const char *)sqlite3_column_text(row, 6), &board->intake))
        store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: board: unknown intake");
    board->is_default = column_bool(row, 7);
    board->default_assignee_id = column_int(row, 8);
    query_end(row);
    read_columns(store, board);
    return board;
}

static void
destroy_board(void *board)
{
    board_free(board);
}

GPtrArray *
board_list(struct store *store)
{
    GPtrArray *boards = g_ptr_array_new_with_free_func(destroy_board);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *row = query(store, SQL_BOARD_LIST, "");
    while (query_row(store, row)) {
        int64_t id = column_int(row, 0);
        g_array_append_val(ids, id);
    }
    for (guint i = 0; i < ids->len; i++) {
        struct board *board = board_get(store, g_array_index(ids, int64_t, i));
        if (board)
            g_ptr_array_add(boards, board);
    }
    return boards;
}

static bool
is_named(const char *folded, const char *name)
{
    g_autofree char *other = clean_fold(name, -1);
    return *other && g_str_equal(folded, other);
}

struct board *
board_by_name(struct store *store, const char *name)
{
    g_autofree char *folded = clean_fold(name, -1);
    g_autoptr(GPtrArray) boards = board_list(store);
    for (guint i = 0; i < boards->len; i++) {
        const struct board *board = boards->pdata[i];
        if (is_named(folded, board->key) || is_named(folded, board->alias) || is_named(folded, board->name) ||
            is_named(folded, board->name_zh))
            return board_get(store, board->id);
    }
    return NULL;
}

struct board *
board_default(struct store *store)
{
    int64_t id = query_int(store, SQL_BOARD_DEFAULT, "");
    return id ? board_get(store, id) : NULL;
}

const struct column *
board_column_by_name(const struct board *board, const char *name)
{
    g_autofree char *folded = clean_fold(name, -1);
    for (guint i = 0; i < board->columns->len; i++) {
        const struct column *column = board->columns->pdata[i];
        if (is_named(folded, column->key) || is_named(folded, column->name) ||
            is_named(folded, column->name_zh))
            return column;
    }
    return NULL;
}

static bool
keeps_column(const struct board *board, const char *key)
{
    for (guint i = 0; i < board->columns->len; i++)
        if (g_str_equal(((struct column *)board->columns->pdata[i])->key, key))
            return true;
    return false;
}

static void
save_columns(struct store *store, int64_t board_id, const struct board *board)
{
    g_autoptr(board_t) old = board_get(store, board_id);
    for (guint i = 0; old && i < old->columns->len; i++) {
        const struct column *column = old->columns->pdata[i];
        if (!keeps_column(board, column->key))
            query_do(store, SQL_COLUMN_DROP, "i", column->id);
    }
    for (guint i = 0; i < board->columns->len; i++) {
        const struct column *column = board->columns->pdata[i];
        const char *name_zh = column->name_zh ? column->name_zh : "";
        int64_t id = query_int(store, SQL_COLUMN_BY_KEY, "it", board_id, column->key);
        if (id)
            query_do(store, SQL_COLUMN_SET, "tttoii", column->name, name_zh, column_kind_name(column->kind),
                     column->owner_id, (int64_t)i, id);
        else
            query_do(store, SQL_COLUMN_ADD, "ittttoi", board_id, column->key, column->name, name_zh,
                     column_kind_name(column->kind), column->owner_id, (int64_t)i);
    }
}

int64_t
board_save(struct store *store, const struct board *board)
{
    const char *name_zh = board->name_zh ? board->name_zh : "";
    const char *public_name = board->public_name ? board->public_name : "";
    int64_t id = query_int(store, SQL_BOARD_BY_KEY, "t", board->key);
    if (id)
        query_do(store, SQL_BOARD_SET, "tttttioi", board->name, name_zh, public_name, board->alias,
                 board_intake_name(board->intake), (int64_t)board->is_default, board->default_assignee_id,
                 id);
    else {
        query_do(store, SQL_BOARD_ADD, "ttttttio", board->key, board->name, name_zh, public_name,
                 board->alias, board_intake_name(board->intake), (int64_t)board->is_default,
                 board->default_assignee_id);
        id = store_last_id(store);
    }
    save_columns(store, id, board);
    return id;
}

bool
column_has_cards(struct store *store, int64_t column_id)
{
    return query_int(store, SQL_COLUMN_CARDS, "i", column_id) != 0;
}
