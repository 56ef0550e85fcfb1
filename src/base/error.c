/* error.c - the error domain and its exit codes. */
#include <cardpost/error.h>

#include <sysexits.h>

G_DEFINE_QUARK(cardpost - error - quark, cardpost_error)

int
cardpost_error_exit_code(const GError *error)
{
    if (error->domain != CARDPOST_ERROR)
        return EX_IOERR;
    switch ((enum cardpost_error)error->code) {
    case CARDPOST_ERROR_TEMPORARY:
        return EX_TEMPFAIL;
    case CARDPOST_ERROR_REFUSED:
        return EX_NOPERM;
    case CARDPOST_ERROR_INVALID:
        return EX_DATAERR;
    case CARDPOST_ERROR_NOT_FOUND:
        return EX_NOINPUT;
    case CARDPOST_ERROR_PERMANENT:
    case CARDPOST_ERROR_CORRUPT:
        return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}
