/* caps.h - every bound on input, in one place (design law 8). A module that enforces one names it;
 * over the cap is a clean refusal, a cut on a character, or quarantine, as the comment says. */
#ifndef CARDPOST_CAPS_H
#define CARDPOST_CAPS_H

/* A mail over this many bytes is fetched only in part (header and CAP_OVERSIZE_FETCH_BYTES). */
#define CAP_MAIL_BYTES           (25 * 1024 * 1024)
#define CAP_OVERSIZE_FETCH_BYTES (64 * 1024)

/* Header block: over either, the mail has no identity and is quarantined. */
#define CAP_HEADER_BYTES  (1024 * 1024)
#define CAP_HEADER_FIELDS 2000
/* From field: a longer one is no identity. */
#define CAP_FROM_BYTES 2000
/* Received fields: more is a loop (quarantine). */
#define CAP_RECEIVED_FIELDS 50

/* MIME: parts and nesting over these quarantine the mail. */
#define CAP_MIME_PARTS 1000
#define CAP_MIME_DEPTH 100
/* Addresses read from one address field, ids read from References (first and last halves). */
#define CAP_ADDRESSES        200
#define CAP_REFERENCES       100
#define CAP_MESSAGE_ID_BYTES 500

/* Strings kept: cut on a character. */
#define CAP_SUBJECT_BYTES  1000
#define CAP_NAME_BYTES     200
#define CAP_FILENAME_BYTES 200
#define CAP_TEXT_BYTES     (1024 * 1024)
#define CAP_HTML_BYTES     (20 * 1024 * 1024)

/* RFC 5321 section 4.5.3.1 */
#define CAP_LOCAL_PART_BYTES 64
#define CAP_ADDRESS_BYTES    254

/* Parse worker, per mail: CPU and wall-clock seconds, memory of the process, mails before recycling. */
#define CAP_PARSE_CPU_S        5
#define CAP_PARSE_WALL_S       10
#define CAP_PARSE_MEMORY_BYTES (512L * 1024 * 1024)
#define CAP_PARSE_MAILS        300

/* Deaths of a worker alone with one mail before the mail is quarantined. */
#define CAP_ATTEMPTS 3

/* One batch of the journal and of the state: mails and bytes. */
#define CAP_BATCH_MAILS 100
#define CAP_BATCH_BYTES (8 * 1024 * 1024)

/* A raw mail up to this size lies in the journal's row, a larger one in data/blobs/. */
#define CAP_INLINE_RAW_BYTES (128 * 1024)

/* One frame between our processes: a whole mail and a little more. */
#define CAP_FRAME_BYTES (64u * 1024 * 1024)

/* New files that travel along with a notice, in sum. */
#define CAP_NOTICE_FILES_BYTES (5 * 1024 * 1024)

/* Files that are listed: of one mail, of one sender in a day, of one card. */
#define CAP_MAIL_FILES             200
#define CAP_SENDER_FILES_DAY_BYTES (512L * 1024 * 1024)
#define CAP_CARD_FILES_BYTES       (2048L * 1024 * 1024)

/* What is kept of an outgoing mail's words to know its quote again. */
#define CAP_SENT_WORDS_BYTES (64 * 1024)

/* IMAP server: line, literal beyond CAP_MAIL_BYTES, bytes of one answer without a literal. */
#define CAP_IMAP_LINE_BYTES     (64 * 1024)
#define CAP_IMAP_RESPONSE_BYTES (16 * 1024 * 1024)

/* cardpost.conf and team files. */
#define CAP_CONFIG_BYTES (4 * 1024 * 1024)

#endif
