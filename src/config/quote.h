/* quote.h - a value as the files spell it. */
#ifndef CONFIG_QUOTE_H
#define CONFIG_QUOTE_H

/* In quotes, so that it is read back as it is; the value holds no control characters. g_free. */
char *quote_value(const char *value);

#endif
