/* absence.c - out-of-office subjects in the languages that mail programs write them in. A subject alone
 * proves nothing: people write such words too. */
#include "absence.h"

#include <cardpost/clean.h>

/* How programs begin the subject of an out-of-office answer, written as clean_fold leaves it: every mail's
 * subject is compared with all of them. */
static const char *const absence_words[] = {
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "out of office",
    "out of the office",
    "automatische antwort",
    "abwesenheitsnotiz",
    "abwesenheit",
    "réponse automatique",
    "absence du bureau",
    "respuesta automática",
    "fuera de la oficina",
    "fuera de oficina",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "resposta automática",
    "ausência temporária",
    "automatisch antwoord",
    "afwezig",
    "automatiskt svar",
    "autosvar",
    "automatisk svar",
    "automaattinen vastaus",
    "odpowiedź automatyczna",
    "automatyczna odpowiedź",
    "automatická odpověď",
    "automatikus válasz",
    "răspuns automat",
    "otomatik yanıt",
    "автоответ",
    "автоматический ответ",
    "автоматична відповідь",
    "αυτόματη απάντηση",
    "自动回复",
    "自动答复",
    "自動回覆",
    "自動回復",
    "自動応答",
    "自動返信",
    "不在通知",
    "外出自动回复",
    "자동 회신",
    "자동 응답",
    "부재중",
    "trả lời tự động",
    "ตอบกลับอัตโนมัติ",
};

bool
absence_subject(const char *subject)
{
    g_autofree char *line = clean_line(subject, 400);
    g_autofree char *folded = clean_fold(line, -1);
    for (guint i = 0; i < G_N_ELEMENTS(absence_words); i++)
        if (g_str_has_prefix(folded, absence_words[i]))
            return true;
    return false;
}
