/** What only Node can do: keep commands, keys and unfinished uploads in files, and upload files. */

export { fileContent, uploadStorage } from "./files/local.js";
export { fileKeys } from "./sealed/file.js";
export type { FileKeys, FileKeysOptions } from "./sealed/file.js";
export { memoryKeys } from "./sealed/keys.js";
export { fileStorage } from "./storage/file.js";
