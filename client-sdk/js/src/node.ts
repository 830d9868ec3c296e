/** What only Node can do: keep commands in a file. */

export { fileStorage } from "./storage/file.js";
