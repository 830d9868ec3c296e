// Uploads a file with tus-js-client as an application would, and prints what came of it. Run in client-sdk/js.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { FileUrlStorage, Upload } from 'tus-js-client';

const { url, token, room, path, way, storage } = JSON.parse(process.env.STOCK);
const common = {
  endpoint: `${url}/api/files/uploads`,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { room, filename: `${way}.bin`, filetype: 'application/octet-stream' },
  chunkSize: 300_000,
  retryDelays: [0, 100, 500],
  urlStorage: new FileUrlStorage(storage),
  storeFingerprintForResuming: way === 'resumed',
};

function run(input, options, stopAt = Infinity) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(input, {
      ...common,
      ...options,
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve({ file: lastResponse.getHeader('YMERA-File'), url: upload.url }),
      onChunkComplete: (_, sent) => {
        if (sent >= stopAt) void upload.abort().then(() => resolve({ sent }));
      },
    });
    upload.findPreviousUploads().then((previous) => {
      if (previous.length > 0) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    }, reject);
  });
}

const ways = {
  chunked: () => run(createReadStream(path), {}),
  whole: () => run(createReadStream(path), { chunkSize: Infinity, uploadDataDuringCreation: true }),
  parallel: () => run(createReadStream(path), { parallelUploads: 3 }),
  unknown: () => run(Readable.from(createReadStream(path)), { uploadLengthDeferred: true }),
  overridden: () => run(createReadStream(path), { overridePatchMethod: true }),
  resumed: async () => {
    const first = await run(createReadStream(path), {}, 300_000);
    return { ...(await run(createReadStream(path), {})), before: first.sent };
  },
  terminated: async () => {
    const upload = new Upload(createReadStream(path), common);
    await new Promise((resolve, reject) => {
      upload.options.onError = reject;
      upload.options.onChunkComplete = () => void upload.abort(true).then(resolve, reject);
      upload.start();
    });
    return { url: upload.url };
  },
};
console.log(JSON.stringify(await ways[way]()));
