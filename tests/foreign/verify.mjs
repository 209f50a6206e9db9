// Verifies access tokens with jose. Arguments: issuer, algorithm, file of the key set, tokens.
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const [issuer, algorithm, path, ...tokens] = process.argv.slice(2);
const keys = createLocalJWKSet(JSON.parse(readFileSync(path, "utf8")));
const expected = { issuer, audience: "doorward", algorithms: [algorithm], typ: "at+jwt" };

// The same token with another signature of the same length.
function changed(token) {
    const [head, claims, signature] = token.split(".");
    const middle = signature.length >> 1;
    const other = signature[middle] === "A" ? "B" : "A";
    return `${head}.${claims}.${signature.slice(0, middle)}${other}${signature.slice(middle + 1)}`;
}

for (const token of tokens) {
    const { payload } = await jwtVerify(token, keys, expected);
    if (payload.token_use !== "access" || payload.email !== "admin@doorward.local") throw new Error("other claims");
    const refused = await jwtVerify(changed(token), keys, expected).then(() => false, () => true);
    if (!refused) throw new Error("jose accepts a changed token: this test can't fail");
}
