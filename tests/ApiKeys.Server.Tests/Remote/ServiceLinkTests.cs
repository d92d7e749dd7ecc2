using System.Net;
using System.Text;
using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Remote;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>The stream of changes, where what answers misbehaves; without the service.</summary>
public sealed class ServiceLinkTests : IDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly TestLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    /// <summary>As behind a proxy that holds answers back. Each would hold a connection for ever, and the pool has 64.</summary>
    [Fact]
    public async Task A_stream_that_never_begins_is_given_up()
    {
        using var wire = new Script(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage();
        });
        await using var link = await StartAsync(wire);
        await Eventually.TrueAsync(() => wire.Sent == 1, () => "Nobody asks.");

        _clock.Advance(TimeSpan.FromSeconds(15));
        await Eventually.TrueAsync(() => wire.Sent == 2, () => "Nobody asks again.");

        Assert.Equal(1, wire.Open);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_says_so()
    {
        using var wire = new Script((request, _) => Task.FromResult(
            IsStream(request) ? Stream(new SilentStream("event: hello\ndata: 10\n\n"))
            : request.Method == HttpMethod.Put ? Json("""{"database_time":"2026-01-01T00:00:00+00:00"}""")
            : request.Method == HttpMethod.Get ? Json("""{"head":0,"entries":[]}""")
            : request.RequestUri!.AbsolutePath.EndsWith("/renewals", StringComparison.Ordinal) ? Json("""{"beat":2,"head":0,"database_time":"2026-01-01T00:00:00+00:00"}""")
            : new HttpResponseMessage(HttpStatusCode.NoContent)));
        await using var link = await StartAsync(wire);
        await Eventually.TrueAsync(() => link.Answers.HoldsLease, () => string.Join('\n', _logs.Lines));

        _clock.Advance(TimeSpan.FromSeconds(15));
        await Eventually.TrueAsync(() => Lost.Any(), () => string.Join('\n', _logs.Lines));

        Assert.True(Lost.First().Contains("Nothing was heard", StringComparison.Ordinal), string.Join("\n", _logs.Lines));
    }

    [Fact]
    public async Task A_lease_that_is_refused_says_why_and_is_not_asked_for_again_at_once()
    {
        using var wire = new Script((request, _) => Task.FromResult(
            IsStream(request) ? Stream(new SilentStream("event: hello\ndata: 10\n\n"))
            : request.Method == HttpMethod.Put ? new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("""{"code":"insufficient_scope","detail":"no"}""") }
            : new HttpResponseMessage(HttpStatusCode.NoContent)));
        await using var link = await StartAsync(wire);
        await Eventually.TrueAsync(() => Lost.Any(), () => string.Join('\n', _logs.Lines));

        Assert.Contains("403 insufficient_scope", Lost.First(), StringComparison.Ordinal);
        var streams = wire.Streams;
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal(streams, wire.Streams);
    }

    [Fact]
    public async Task It_stops_without_an_error_while_a_stream_is_open()
    {
        using var wire = new Script((request, _) => Task.FromResult(
            IsStream(request) ? Stream(new SilentStream("event: hello\ndata: 10\n\n")) : new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)));
        var link = await StartAsync(wire);
        await Eventually.TrueAsync(() => wire.Sent > 1, () => "Nobody registers.");

        await link.Service.StopAsync(default);

        Assert.Equal(TaskStatus.RanToCompletion, link.Service.ExecuteTask!.Status);
    }

    /// <summary>Else uses are never told again, and are gathered for ever.</summary>
    [Fact]
    public async Task Reports_of_uses_go_on_whatever_answers()
    {
        var reports = 0;
        using var wire = new Script((request, _) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("/uses", StringComparison.Ordinal))
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));

            reports++;
            var answer = new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("<html>") };
            answer.Content.Headers.ContentType = new("text/html") { CharSet = "bogus" };
            return Task.FromResult(answer);
        });
        await using var link = await StartAsync(wire, keepSeconds: 300);
        for (var expected = 1; expected <= 2; expected++)
        {
            link.NoteUse();
            await Eventually.TrueAsync(
                () =>
                {
                    _clock.Advance(TimeSpan.FromSeconds(5));
                    return reports >= expected;
                },
                () => $"{reports} reports");
        }
    }

    private IEnumerable<string> Lost => _logs.Lines.Where(line => line.Contains("There is no stream", StringComparison.Ordinal));

    private static bool IsStream(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith("/events", StringComparison.Ordinal);

    private static HttpResponseMessage Json(string body) => new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Stream(SilentStream stream) => new(HttpStatusCode.OK) { Content = new StreamContent(stream) };

    private async Task<Linked> StartAsync(Script wire, int keepSeconds = 0)
    {
        var options = new ApiKeyOptions { Address = new Uri("http://service"), Credential = "a key", BackchannelHttpHandler = wire, KeepSeconds = keepSeconds };
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs));
        var verifier = new RemoteApiKeyVerifier(Options.Create(options), _clock, loggers.CreateLogger<RemoteApiKeyVerifier>());
        var link = new ServiceLink(verifier, _clock, loggers.CreateLogger<ServiceLink>(), loggers.CreateLogger<Node>());
        await link.StartAsync(default);
        return new Linked(verifier, link, _clock);
    }

    private sealed class Linked(RemoteApiKeyVerifier verifier, ServiceLink link, SteppedClock clock) : IAsyncDisposable
    {
        public RememberedAnswers Answers => verifier.Answers;

        public ServiceLink Service => link;

        public void NoteUse()
        {
            var value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");
            PresentedValue.TryRead(value.Reveal(), new byte[ApiKeyValue.MaxLength], out var presented);
            var identity = new ApiKeyIdentity { KeyId = value.KeyId, Name = "", Organization = "", Environment = "live", Scopes = new HashSet<string>() };
            var answer = Answers.TryKeep(
                presented, ApiKeyDecision.Accept(identity), new Asked(clock.GetTimestamp(), Answers.Generation, Address: null), new AnswerTerms(ApiKeyOutcome.Accepted, new LogPosition(0, null)));
            Answers.Note(answer!, ApiKeyOutcome.Accepted, address: null);
        }

        public async ValueTask DisposeAsync()
        {
            await link.StopAsync(default);
            link.Dispose();
            verifier.Dispose();
        }
    }

    private sealed class Script(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        private int _sent;
        private int _open;
        private int _streams;

        public int Sent => Volatile.Read(ref _sent);

        public int Open => Volatile.Read(ref _open);

        public int Streams => Volatile.Read(ref _streams);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _sent);
            Interlocked.Increment(ref _open);
            if (IsStream(request))
                Interlocked.Increment(ref _streams);

            try
            {
                return await answer(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }

    /// <summary>Says something, and then nothing more.</summary>
    private sealed class SilentStream(string said) : MemoryStream(Encoding.UTF8.GetBytes(said))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                return read;

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
