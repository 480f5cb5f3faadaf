/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A variable that is set, and not to nothing; else NULL. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* Of language.CHARSET@modifier, by the first that is set. setlocale(3) would need the locale to be
 * installed here. */
static bool is_utf8_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;
    size_t length;

    for (size_t i = 0; i < sizeof names / sizeof names[0] && locale == NULL; i++)
        locale = environment(names[i]);
    locale = locale ? strchr(locale, '.') : NULL;
    if (locale == NULL)
        return false;
    length = strcspn(locale, "@");
    return (length == 6 && strncasecmp(locale, ".UTF-8", 6) == 0) ||
           (length == 5 && strncasecmp(locale, ".UTF8", 5) == 0);
}

static bool is_colourful(void)
{
    const char *term = environment("TERM");

    return term != NULL && strcmp(term, "dumb") != 0 && environment("NO_COLOR") == NULL;
}

void terminal_look(struct terminal *terminal)
{
    struct winsize size = {0};
    bool is_terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

    *terminal = (struct terminal){
        .columns = size.ws_col > 0 ? size.ws_col : 80,
        .is_utf8 = is_utf8_locale(),
        .is_coloured = is_terminal && is_colourful(),
    };
}
