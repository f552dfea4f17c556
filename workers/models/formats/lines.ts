/** The lines of a text file, whichever system wrote it. */
export const linesOf = (text: string): string[] => text.split(/\r\n|\r|\n/);
