/* SIGINT and SIGTERM: a run that is interrupted still clears up behind itself. */
#ifndef SIM_INTERRUPT_H
#define SIM_INTERRUPT_H

/* From now on one of them is only noted; a second one kills. */
void interrupt_catch(void);
/* What came; 0: nothing. */
int interrupt_number(void);
/* For what can not look in between: one of them removes this file too (NULL: none) and ends the
 * program. */
void interrupt_remove(const char *path);
/* When something came: ends the program by it, as without a handler: 130 or 143 to a shell. */
void interrupt_obey(void);

#endif
