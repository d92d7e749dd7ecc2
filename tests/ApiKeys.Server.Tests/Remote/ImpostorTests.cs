using System.Net;
using System.Text;
using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Remote;
using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>What answers is not the service, or breaks off: nobody is let in, and nothing is thrown.</summary>
public sealed class ImpostorTests
{
    private const string AcceptedTerms = """{"outcome":0,"applied":{"seq":0},"may_be_kept":true,"secret_number":1}""";
    private static readonly ApiKeyValue Value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");
    private static readonly string AcceptedBody = BodyOf(Value.KeyId);

    [Fact]
    public async Task The_service_itself_is_believed() =>
        Assert.Equal(ApiKeyOutcome.Accepted, await AskAsync(() => Answer(AcceptedBody, AcceptedTerms)));

    [Fact]
    public async Task An_answer_that_breaks_off_lets_nobody_in() =>
        Assert.Equal(ApiKeyOutcome.Unavailable, await AskAsync(() => Answer(new StreamContent(new BrokenStream()), AcceptedTerms)));

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task An_answer_in_an_encoding_that_nobody_knows_lets_nobody_in(HttpStatusCode status) =>
        Assert.Equal(
            ApiKeyOutcome.Unavailable,
            await AskAsync(() =>
            {
                var answer = Answer(AcceptedBody, AcceptedTerms, status);
                answer.Content.Headers.ContentType = new("text/html") { CharSet = "bogus" };
                return answer;
            }));

    [Fact]
    public async Task A_refusal_that_breaks_off_lets_nobody_in() =>
        Assert.Equal(ApiKeyOutcome.Unavailable, await AskAsync(() => Answer(new StreamContent(new BrokenStream()), AcceptedTerms, HttpStatusCode.Unauthorized)));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("?1")]
    [InlineData("""{"applied":{"seq":0}}""")]
    [InlineData("""{"outcome":0}""")]
    public async Task Terms_that_do_not_say_how_it_ended_let_nobody_in(string terms) =>
        Assert.Equal(ApiKeyOutcome.Unavailable, await AskAsync(() => Answer(AcceptedBody, terms)));

    [Fact]
    public async Task The_answer_to_another_question_lets_nobody_in() =>
        Assert.Equal(ApiKeyOutcome.Unavailable, await AskAsync(() => Answer(BodyOf("k_000000000000"), AcceptedTerms)));

    [Fact]
    public async Task An_answer_whose_body_refuses_lets_nobody_in() =>
        Assert.Equal(ApiKeyOutcome.Unavailable, await AskAsync(() => Answer(AcceptedBody.Replace("true", "false", StringComparison.Ordinal), AcceptedTerms)));

    [Fact]
    public async Task A_rate_limit_that_makes_no_sense_lets_nobody_in() => Assert.Equal(
        ApiKeyOutcome.Unavailable,
        await AskAsync(() => Answer(
            AcceptedBody.Replace("\"valid\"", "\"rate_limit\":{\"limit\":0,\"remaining\":0,\"reset_seconds\":1},\"valid\"", StringComparison.Ordinal),
            """{"outcome":0,"applied":{"seq":0},"policy":"key","window_seconds":0}""")));

    private static string BodyOf(string keyId) =>
        $$"""{"valid":true,"code":"valid","key_id":"{{keyId}}","name":"A key","organization":"default","environment":"live","scopes":[]}""";

    private static HttpResponseMessage Answer(string body, string terms, HttpStatusCode status = HttpStatusCode.OK) =>
        Answer(new StringContent(body, Encoding.UTF8, "application/json"), terms, status);

    private static HttpResponseMessage Answer(HttpContent body, string terms, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = new HttpResponseMessage(status) { Content = body };
        answer.Headers.TryAddWithoutValidation(LeaseCalls.TermsHeader, terms);
        return answer;
    }

    private static async Task<ApiKeyOutcome> AskAsync(Func<HttpResponseMessage> answer)
    {
        using var handler = new Impostor(answer);
        var options = new ApiKeyOptions { Address = new Uri("http://service"), Credential = "a key", BackchannelHttpHandler = handler };
        using var verifier = new RemoteApiKeyVerifier(Options.Create(options), new SteppedClock(), NullLogger<RemoteApiKeyVerifier>.Instance);
        return (await verifier.VerifyAsync(new ApiKeyQuestion(new PresentedApiKey(Value.Reveal()), Address: null), default)).Outcome;
    }

    private sealed class Impostor(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer());
    }

    /// <summary>As the body of an answer whose connection is lost on the way.</summary>
    private sealed class BrokenStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
