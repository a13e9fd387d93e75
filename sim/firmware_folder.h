/* Where the build puts its test firmware: in `firmware` beside the program. */
#ifndef SIM_FIRMWARE_FOLDER_H
#define SIM_FIRMWARE_FOLDER_H

enum { FIRMWARE_FOLDER_TEXT = 4096 };

/* `given` if it is not NULL, else as found from where the program is. */
const char *firmware_folder_find(const char *given, char text[FIRMWARE_FOLDER_TEXT]);

#endif
