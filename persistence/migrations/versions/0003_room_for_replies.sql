-- A claim takes about 100 bytes and its reply some 500 more. With that much room left on each page, the reply
-- is written beside the claim and touches no index; without it, that was the dearest part of sending a message.
ALTER TABLE commands SET (fillfactor = 15);
