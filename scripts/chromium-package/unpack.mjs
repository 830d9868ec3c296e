// Unpacks Chromium and its libraries into the temporary folder (TMPDIR) and prints where.
// The package brings the libraries for one cloud only, and thinks it is there when this variable says so.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
console.log(await chromium.executablePath());
