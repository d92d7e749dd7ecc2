using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ApiKeys.AspNetCore.Leases;
using ApiKeys.AspNetCore.Values;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>One question to the service, and what its answer means here.</summary>
internal sealed class RemoteVerification(ApiKeyQuestion question)
{
    private const string MissingScope = "API key does not have the required scope: ";

    /// <exception cref="HttpRequestException">It is away, or something else answers.</exception>
    /// <exception cref="LeaseRefusedException">It does not admit the credential.</exception>
    public async Task<(ApiKeyDecision Decision, AnswerTerms Terms)> SendAsync(ServiceClient service, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, VerifyCall.Path)
        {
            Content = JsonContent.Create(
                new VerifyCall
                {
                    ApiKey = question.Key.Reveal().ToString(),
                    Scopes = question.Scopes,
                    Ip = TextOf(question.Address),
                    Cost = question.Cost,
                },
                ServiceJson.Default.VerifyCall),
        };
        request.Headers.Add(LeaseCalls.TermsHeader, "?1");
        var response = await service.SendAsync(request, cancellationToken);
        var terms = TermsOf(response);
        var answer = await ServiceClient.ReadAsync(response, ServiceJson.Default.VerifyAnswer, cancellationToken);
        try
        {
            return (DecisionOf(answer, terms), terms);
        }
        catch (ArgumentException exception)
        {
            throw new HttpRequestException("What the service answers makes no sense.", exception);
        }
    }

    /// <summary>Without a zone, which is this machine's own.</summary>
    private static string? TextOf(IPAddress? address) =>
        address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()).ToString() : address?.ToString();

    private static AnswerTerms TermsOf(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
            return new AnswerTerms(ApiKeyOutcome.Unavailable, new LogPosition(0, null));

        try
        {
            if (response.Headers.TryGetValues(LeaseCalls.TermsHeader, out var values))
                return JsonSerializer.Deserialize(values.First(), LeaseJson.Default.AnswerTerms) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The same as none.
        }

        response.Dispose();
        throw new HttpRequestException($"The answer has no {LeaseCalls.TermsHeader}: the service is of another version, or something stands between.");
    }

    /// <summary>An answer that was meant for somebody else opens nothing, whoever has mixed them up.</summary>
    private bool IsAsked(string? keyId)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        return PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) && value.KeyId.ToString() == keyId;
    }

    private ApiKeyDecision DecisionOf(VerifyAnswer answer, AnswerTerms terms)
    {
        var limit = answer.RateLimit is { } left && terms is { Policy: { } policy, WindowSeconds: { } window }
            ? new ApiKeyRateLimit(new ApiKeyRatePolicy(policy, left.Limit, window), left.Remaining, left.ResetSeconds)
            : (ApiKeyRateLimit?)null;
        var identity = answer is { KeyId: not null, Name: not null, Organization: not null, Environment: not null, Scopes: not null } ? IdentityOf(answer) : null;
        return terms.Outcome switch
        {
            ApiKeyOutcome.Accepted when answer.Valid && IsAsked(identity?.KeyId) && identity is not null => Limited(ApiKeyDecision.Accept(identity, terms.IsByPreviousSecret), limit),
            ApiKeyOutcome.InsufficientScope => ApiKeyDecision.RefuseScope(ScopeIn(answer.Detail), Refused(answer)),
            ApiKeyOutcome.RateLimited when limit is { } used => ApiKeyDecision.RefuseRate(used, answer.KeyId is null ? null : Refused(answer)),
            ApiKeyOutcome.InvalidKey => ApiKeyDecision.InvalidKey,
            ApiKeyOutcome.ExpiredKey or ApiKeyOutcome.RevokedKey or ApiKeyOutcome.DisabledKey or ApiKeyOutcome.OrganizationSuspended
                or ApiKeyOutcome.IpNotAllowed => ApiKeyDecision.Refuse(terms.Outcome, Refused(answer)),
            _ => ApiKeyDecision.Unavailable,
        };
    }

    private static ApiKeyDecision Limited(ApiKeyDecision decision, ApiKeyRateLimit? limit) => limit is { } left ? decision.With(left) : decision;

    private static ApiKeyIdentity IdentityOf(VerifyAnswer answer) => new()
    {
        KeyId = answer.KeyId!,
        Name = answer.Name!,
        Organization = answer.Organization!,
        Owner = answer.Owner,
        Environment = answer.Environment!,
        Scopes = answer.Scopes!.ToFrozenSet(StringComparer.Ordinal),
        ExpiresAt = answer.ExpiresAt,
        Metadata = answer.Metadata ?? ReadOnlyDictionary<string, string>.Empty,
    };

    /// <summary>Of a refused key the service says its id and no more.</summary>
    private static ApiKeyIdentity Refused(VerifyAnswer answer) => new()
    {
        KeyId = answer.KeyId ?? "",
        Name = "",
        Organization = "",
        Environment = "",
        Scopes = FrozenSet<string>.Empty,
    };

    private static string? ScopeIn(string? detail) =>
        detail is not null && detail.StartsWith(MissingScope, StringComparison.Ordinal) ? detail[MissingScope.Length..] : null;
}
