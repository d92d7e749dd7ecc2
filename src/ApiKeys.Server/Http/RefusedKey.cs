using ApiKeys.AspNetCore;

namespace ApiKeys.Server.Http;

/// <summary>Whose key it was that verification refused although its secret was right: revoked, expired and the like.</summary>
internal sealed record RefusedKey(ApiKeyIdentity Identity);
