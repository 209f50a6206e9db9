// The certified OpenID Provider `oidc-provider`, with one person, and a browser that signs in as this person.
// Prints two URLs: the issuer, and the browser: `/browse?url=` returns where a sign-in ends, `/sign-out?url=` signs out
// and returns the logout token that the provider then sends.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { generateKeyPairSync } from "node:crypto";

const require = createRequire(`${process.argv[2]}/`);
const algorithm = process.argv[3];
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const CLIENT = { client_id: "doorward-at-mock", client_secret: "marked-secret: 100%" };
const REDIRECT = "https://id.example.com/api/v1/auth/callback/mock";
const RETURN = "https://app.example.com/";

function listen(server) {
    return new Promise((done) => server.listen(0, "127.0.0.1", () => done(`http://127.0.0.1:${server.address().port}`)));
}

function signingKey() {
    const types = { RS256: ["rsa", { modulusLength: 2048 }], ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519", {}] };
    const { privateKey } = generateKeyPairSync(...types[algorithm]);
    return { ...privateKey.export({ format: "jwk" }), kid: "first", use: "sig", alg: algorithm };
}

let told;
const logoutToken = new Promise((done) => { told = done; });
const cookies = new Map();

async function body(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return Buffer.concat(parts).toString();
}

// One request of the browser, with the cookies of the provider.
async function visit(url, form) {
    const answer = await fetch(url, {
        redirect: "manual",
        method: form ? "POST" : "GET",
        body: form && new URLSearchParams(form),
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value) cookies.set(name, value); else cookies.delete(name);
    }
    return answer;
}

// Follows redirects within the provider. Returns where it is sent at last, or the page that is shown.
async function follow(url, form) {
    for (let steps = 0; steps < 20; steps++) {
        const answer = await visit(url, form);
        form = undefined;
        const to = answer.headers.get("location");
        if (!to) return { page: await answer.text(), url };
        url = new URL(to, url).href;
        if (!url.startsWith(issuer)) return { to: url };
    }
    throw new Error("too many redirects");
}

const tasks = {
    "/browse": async (url) => (await follow(url)).to,
    "/sign-out": async (url) => {
        const { page } = await follow(url);
        const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page);
        const { to } = await follow(`${issuer}/session/end/confirm`, { xsrf, logout: "yes" });
        if (to !== RETURN) throw new Error(`returned to ${to}`);
        return logoutToken;
    },
};

const browser = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://browser");
    try {
        if (request.method === "POST") {
            told(new URLSearchParams(await body(request)).get("logout_token"));
            response.end();
        } else {
            response.end(await tasks[pathname](searchParams.get("url")));
        }
    } catch (error) {
        response.writeHead(500).end(String(error.stack));
    }
});
const browserUrl = await listen(browser);

const front = createServer();
const issuer = await listen(front);
const provider = new Provider(issuer, {
    clients: [{
        ...CLIENT,
        redirect_uris: [REDIRECT],
        post_logout_redirect_uris: [RETURN],
        id_token_signed_response_alg: algorithm,
        backchannel_logout_uri: `${browserUrl}/logout`,
        backchannel_logout_session_required: true,
    }],
    jwks: { keys: [signingKey()] },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "locale"] },
    cookies: { keys: ["test"] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // Its own dispatcher does not call this machine.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: "Ann@Example.com", email_verified: true, name: "Ann Example", locale: "en-GB" }),
    }),
    // The person agrees to everything.
    loadExistingGrant: async (ctx) => {
        const { Grant } = ctx.oidc.provider;
        const grant = new Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
    },
});

const answer = provider.callback();
front.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    try {
        await provider.interactionFinished(request, response, { login: { accountId: "person-4711", amr: ["pwd"] } });
    } catch (error) {
        response.writeHead(500).end(String(error));
    }
});
process.stdout.write(`${issuer}\n${browserUrl}\n`);
// Nobody reads more of the standard output.
console.log = console.info = console.error;
// It ends with who has started it.
process.stdin.resume().on("end", () => process.exit());
