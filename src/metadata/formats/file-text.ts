/** One of the texts that a picture file carries. */
export interface FileText {
  /** of a PNG text, or the tag's name */
  keyword: string;
  text: string;
}
