// The certified OpenID Provider `oidc-provider`, with one person, and a browser that signs in as this person. It is like one
// of these: any provider (`oidc`), Entra ID with several tenants (`entra`), Okta with groups (`okta`), Google Workspace
// (`google`).
// Arguments: the folder of the package; then, as JSON, `algorithm`, `like`, and for another client than that of the tests of
// the adapter, `redirect_uri`, `return_to` and `backchannel_logout_uri`.
// Prints two URLs: the issuer, and the browser: `/browse?url=` returns where a sign-in ends, `/sign-out?url=` signs out
// and returns the logout token that the provider then sends, unless it goes to a URI that was given.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { generateKeyPairSync } from "node:crypto";

const require = createRequire(`${process.argv[2]}/`);
const asked = JSON.parse(process.argv[3]);
const { algorithm, like } = asked;
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const CLIENT = { client_id: "doorward-at-mock", client_secret: "marked-secret: 100%" };
const REDIRECT = asked.redirect_uri ?? "https://id.example.com/api/v1/auth/callback/mock";
const RETURN = asked.return_to ?? "https://app.example.com/";
const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
// The path of the issuer.
const MOUNTED = { entra: `/${TENANT}/v2.0`, okta: "/oauth2/default" }[like] ?? "";
// What each states of the person in its ID tokens, as it is documented.
const PERSON = {
    oidc: { email: "Ann@Example.com", email_verified: true, name: "Ann Example", locale: "en-GB" },
    entra: {
        email: "Ann@Example.com", name: "Ann Example", preferred_username: "ann@example.com", tid: TENANT,
        oid: "00000000-0000-0000-66f3-3332eca7ea81", xms_edov: "1", groups: ["c1d2e3f4-0000-4000-8000-000000000001"],
    },
    okta: { email: "Ann@Example.com", email_verified: true, name: "Ann Example", groups: ["Everyone", "Help Desk"] },
    google: { email: "Ann@Example.com", email_verified: true, name: "Ann Example", hd: "example.com" },
}[like];

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
        if (!url.startsWith(base)) return { to: url };
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
        return asked.backchannel_logout_uri ? "" : logoutToken;
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
const base = await listen(front);
const issuer = `${base}${MOUNTED}`;
const provider = new Provider(issuer, {
    clients: [{
        ...CLIENT,
        redirect_uris: [REDIRECT],
        post_logout_redirect_uris: [RETURN],
        id_token_signed_response_alg: algorithm,
        backchannel_logout_uri: asked.backchannel_logout_uri ?? `${browserUrl}/logout`,
        backchannel_logout_session_required: true,
    }],
    jwks: { keys: [signingKey()] },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    claims: {
        openid: ["sub", "tid", "oid", "xms_edov", "hd", "groups"],
        email: ["email", "email_verified"],
        profile: ["name", "locale", "preferred_username"],
    },
    // The generic one states in its ID tokens only what it must, and the rest in the user info.
    conformIdTokenClaims: like === "oidc",
    cookies: { keys: ["test"] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // Its own dispatcher does not call this machine.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, ...PERSON }),
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
// What Entra ID publishes for several tenants: the document of each, with a template as the issuer.
async function several(response) {
    const document = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...document, issuer: `${base}/{tenantid}/v2.0` }));
}

front.on("request", async (request, response) => {
    try {
        if (request.url === "/organizations/v2.0/.well-known/openid-configuration") return await several(response);
        if (!request.url.startsWith("/interaction/")) {
            request.originalUrl = request.url;
            request.url = request.url.slice(MOUNTED.length);
            return answer(request, response);
        }
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
