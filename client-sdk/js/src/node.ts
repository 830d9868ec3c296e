/** What only Node can do: keep commands and unfinished uploads in files, and upload files. */

export { fileContent, uploadStorage } from "./files/local.js";
export { fileStorage } from "./storage/file.js";
