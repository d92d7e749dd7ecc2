using Microsoft.AspNetCore.Http;

namespace ApiKeys.AspNetCore;

/// <summary>Metadata of an endpoint that says what is asked of the keys that come to it.</summary>
public interface IApiKeyQuestionMetadata
{
    /// <summary>What to ask of the key of this request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="question">The key that was presented, and from where.</param>
    ApiKeyQuestion Ask(HttpContext context, ApiKeyQuestion question);
}
