/* SPDX-License-Identifier: MIT */
/* source.h - puts the text of a source file into the program that it is compiled into, so that the
 * player shows the code that ran. One line in a Makefile does it for every file of a program:
 *
 *   CFLAGS += -include demo/player/source.h -DPLAYER_SOURCE='"$<"'
 *
 * The texts stand in a section of their own, each behind its name, and no run touches them unless
 * the player is asked for. */
#if defined __GNUC__ && !defined __TINYC__ /* for .incbin */
__asm__(".pushsection edo_sources,\"a\"\n"
        ".asciz \"" PLAYER_SOURCE "\"\n"
        ".incbin \"" PLAYER_SOURCE "\"\n"
        ".byte 0\n"
        ".popsection\n");
#endif
