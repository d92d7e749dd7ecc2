using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using ApiKeys.AspNetCore.Leases;
using ApiKeys.AspNetCore.Values;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore.Remote;

/// <summary>
/// Asks the service, and remembers what it has accepted for as long as it may. What is malformed is refused without asking. Where nobody can be
/// asked the answer is <see cref="ApiKeyOutcome.Unavailable"/>, never that a key is good.
/// </summary>
internal sealed partial class RemoteApiKeyVerifier : IApiKeyVerifier, IDisposable
{
    /// <summary>Questions at once.</summary>
    public const int MaxAsking = 64;

    private const int MaxWaiting = 1_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Place, Lazy<Task<Told>>> _underWay = new();
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions { PermitLimit = MaxAsking, QueueLimit = MaxWaiting });
    private readonly MonotonicClock _clock;
    private readonly ILogger<RemoteApiKeyVerifier> _logger;
    private long _restsUntil = long.MinValue;
    private int _isAway;

    public RemoteApiKeyVerifier(IOptions<ApiKeyOptions> options, MonotonicClock clock, ILogger<RemoteApiKeyVerifier> logger)
    {
        if (options.Value.Address is null)
            throw new InvalidOperationException(
                $"{nameof(ApiKeyOptions)}.{nameof(ApiKeyOptions.Address)} is not set. Say where the ApiKeys service is, as in AddApiKeys(options => "
                + "options.Address = new Uri(\"https://keys.example.com\")), or register an IApiKeyVerifier of your own.");

        (_clock, _logger) = (clock, logger);
        if (options.Value.Address is { Scheme: "http", IsLoopback: false } plain)
            LogPlain(_logger, plain.Host);

        Service = new ServiceClient(options.Value);
        Answers = new RememberedAnswers(clock, TimeSpan.FromSeconds(options.Value.KeepSeconds));
    }

    public ServiceClient Service { get; }

    public RememberedAnswers Answers { get; }

    [SkipLocalsInit]
    public bool TryVerify(ApiKeyQuestion question, [NotNullWhen(true)] out ApiKeyDecision? decision)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        decision = !PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) ? ApiKeyDecision.InvalidKey
            : Answers.Find(value, question.Address) is { } answer ? Judge(answer, question)
            : null;
        return decision is not null;
    }

    public async ValueTask<ApiKeyDecision> VerifyAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        if (TryVerify(question, out var decision))
            return decision;

        if (!Answers.MayShare)
            return (await AskAsync(question, cancellationToken)).Decision;

        var place = Place.Of(question, Answers.Generation); // an answer that was asked for before the last change is none of ours
        var own = new Lazy<Task<Told>>(() => AskForAllAsync(place, question));
        var asked = _underWay.GetOrAdd(place, own);
        var told = await asked.Value.WaitAsync(cancellationToken);
        return asked == own ? told.Decision
            : told.Answer is { } answer ? Judge(answer, question)
            : (await AskAsync(question, cancellationToken)).Decision; // it counts against a limit, or may not be kept
    }

    public void Dispose()
    {
        Service.Dispose();
        _turns.Dispose();
    }

    /// <summary>Scopes are judged here: what is remembered is all that the key holds.</summary>
    private ApiKeyDecision Judge(RememberedAnswer answer, in ApiKeyQuestion question)
    {
        var decision = answer.Decision.Narrow(question);
        Answers.Note(answer, decision.Outcome, question.Address);
        return decision;
    }

    /// <summary>Without the request that asks first: it may be given up, and others wait for the same.</summary>
    private async Task<Told> AskForAllAsync(Place place, ApiKeyQuestion question)
    {
        try
        {
            Task<Told> asking;
            var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            try
            {
                var copy = question with { Key = new PresentedApiKey(question.Key.Reveal().ToString()) };
                asking = Task.Run(() => AskAsync(copy, CancellationToken.None));
            }
            finally
            {
                apart.Dispose();
            }

            return await asking;
        }
        finally
        {
            _underWay.TryRemove(place, out _);
        }
    }

    private async Task<Told> AskAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        if (Rests)
            return Told.Nothing;

        using var timeout = new CancellationTokenSource(Timeout, _clock); // of the wait for a turn too
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var turn = await _turns.AcquireAsync(permitCount: 1, either.Token);
            return turn.IsAcquired && !Rests ? await AskInTurnAsync(question, either.Token) : Told.Nothing;
        }
        catch (LeaseRefusedException exception)
        {
            Fail(exception.Message, isRefused: true);
        }
        catch (HttpRequestException exception)
        {
            Fail(exception.Message, isRefused: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Fail("It does not answer.", isRefused: false);
        }

        return Told.Nothing;
    }

    private async Task<Told> AskInTurnAsync(ApiKeyQuestion question, CancellationToken cancellationToken)
    {
        var asked = new Asked(_clock.GetTimestamp(), Answers.Generation, question.Address);
        var (decision, terms) = await SendTwiceAsync(new RemoteVerification(question), cancellationToken);
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
            LogBack(_logger);

        var answer = decision.Identity is not null && terms.MayBeKept ? Keep(question, decision, asked, terms) : null;
        if (decision.Outcome is ApiKeyOutcome.ExpiredKey or ApiKeyOutcome.RevokedKey or ApiKeyOutcome.DisabledKey or ApiKeyOutcome.OrganizationSuspended)
            Answers.Forget(IdOf(question));

        return new Told(decision.Identity is null ? decision : decision.Narrow(question), answer);
    }

    /// <summary>One node of the service may have just stopped, or a connection was kept for too long: another may live. It may count twice then.</summary>
    private async Task<(ApiKeyDecision Decision, AnswerTerms Terms)> SendTwiceAsync(RemoteVerification verification, CancellationToken cancellationToken)
    {
        try
        {
            return await verification.SendAsync(Service, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded)
        {
            return await verification.SendAsync(Service, cancellationToken);
        }
    }

    private RememberedAnswer? Keep(in ApiKeyQuestion question, ApiKeyDecision decision, Asked asked, AnswerTerms terms)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        return PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value) ? Answers.TryKeep(value, decision, asked, terms) : null;
    }

    private static PackedKeyId IdOf(in ApiKeyQuestion question)
    {
        Span<byte> buffer = stackalloc byte[ApiKeyValue.MaxLength];
        PresentedValue.TryRead(question.Key.Reveal(), buffer, out var value);
        return value.KeyId;
    }

    /// <summary>Whether the service was found to be away a moment ago: nobody has to find out again at once.</summary>
    private bool Rests => _clock.GetTimestamp() < Volatile.Read(ref _restsUntil);

    private void Fail(string reason, bool isRefused)
    {
        if (!isRefused) // who answers is there
            Volatile.Write(ref _restsUntil, _clock.GetTimestamp() + (long)(Rest.TotalSeconds * _clock.TimestampFrequency));

        if (Interlocked.Exchange(ref _isAway, 1) == 1)
            return;

        if (isRefused)
            LogRefused(_logger, reason);
        else
            LogAway(_logger, reason);
    }

    [LoggerMessage(600, LogLevel.Warning, "The ApiKeys service cannot be asked: what is not remembered is answered with 503. {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(601, LogLevel.Error, "The ApiKeys service refuses this API: every key is answered with 503. Give ApiKeyOptions.Credential a key with the role verifier. {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(603, LogLevel.Warning, "Keys and this API's credential are sent to {Host} unencrypted. Use https, unless nobody can listen in between")]
    private static partial void LogPlain(ILogger logger, string host);

    [LoggerMessage(602, LogLevel.Information, "The ApiKeys service answers again")]
    private static partial void LogBack(ILogger logger);

    /// <param name="Decision">For who has asked.</param>
    /// <param name="Answer">What others may go by, too.</param>
    private sealed record Told(ApiKeyDecision Decision, RememberedAnswer? Answer)
    {
        public static readonly Told Nothing = new(ApiKeyDecision.Unavailable, Answer: null);
    }

    /// <summary>The same question, by a hash, since what was presented is not to be kept; and since the same change.</summary>
    private sealed record Place(UInt128 Question, long Generation)
    {
        public static Place Of(in ApiKeyQuestion question, long generation)
        {
            var text = new StringBuilder().Append(question.Key.Reveal()).Append('\n').Append(question.Address).Append('\n').AppendJoin('\n', question.Scopes);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
            return new Place(BitConverter.ToUInt128(hash), generation);
        }
    }
}
