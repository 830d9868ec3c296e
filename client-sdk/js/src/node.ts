/** What only Node can do: keep commands, keys and unfinished uploads in files, upload files and save them. */

export { fileContent, fileLanding } from "./files/local.js";
export { uploadStorage } from "./files/unfinished.js";
export { fileKeys } from "./sealed/file.js";
export type { FileKeys, FileKeysOptions } from "./sealed/file.js";
export { memoryKeys } from "./sealed/keys.js";
export { fileStorage } from "./storage/file.js";
